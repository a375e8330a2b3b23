using System.Globalization;
using UeventManager.Core.Rules;

namespace UeventManager.Core.Recording;

/// <summary>Learns from recorded arrivals what a rule must wait for: which names came late, and on how many devices of a class.</summary>
public static class Learner
{
    /// <summary>Devices that were observed for less time are left out: they could still have got more names.</summary>
    public const long ShortestUsec = 50_000;

    private const double RareShare = 0.2;
    private const long LeastTimeoutUsec = 2_000_000;
    private const long MostTimeoutUsec = 600_000_000;
    private const long LeastOptionalUsec = 10_000;
    private const int TimeoutTimes = 20;
    private const int OptionalTimes = 4;

    // Looks come after a sixteenth of the time since the add; with much more between them the recorder had no time to look.
    private const long WideUsec = 20_000;
    private const int WideShare = 2;

    // Properties that identify one device do not describe a kind.
    private static readonly string[] s_own = ["DEVNAME", "INTERFACE", "IFINDEX", "MAJOR", "MINOR", "DISKSEQ", "PCI_SLOT_NAME", "BUSNUM", "DEVNUM", "PRODUCT", "DEVTYPE"];

    /// <summary>Learns the rules.</summary>
    /// <param name="worlds">The recordings.</param>
    /// <param name="subsystems">The subsystems to learn; empty for all.</param>
    public static IReadOnlyList<LearnedFile> Learn(IEnumerable<RecordedWorld> worlds, IReadOnlyCollection<string> subsystems)
    {
        var result = new List<LearnedFile>();
        var arrivals = worlds.SelectMany(Arrivals.Of).Where(arrival => subsystems.Count == 0 || subsystems.Contains(arrival.Device.Subsystem));
        foreach (var subsystem in arrivals.GroupBy(arrival => arrival.Device.Subsystem, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            List<Arrival> all = [.. subsystem];
            List<Arrival> good = [.. all.Where(arrival => arrival.ObservedUsec >= ShortestUsec)];
            var rules = new List<LearnedRule>();
            foreach (var kind in good.GroupBy(DevType, StringComparer.Ordinal).OrderBy(group => group.Key is null).ThenBy(group => group.Key, StringComparer.Ordinal))
                rules.AddRange(OfClass(subsystem.Key, kind.Key, [.. kind]));
            result.Add(new LearnedFile(subsystem.Key, rules, good.Count, good.Count(arrival => arrival.Items.Count > 0), all.Count - good.Count));
        }
        return result;
    }

    private static string? DevType(Arrival arrival) => Property(arrival, "DEVTYPE");

    private static string? Property(Arrival arrival, string name) => UeventFile.Find(arrival.Device.FileAt(arrival.AddUsec), name);

    private static IEnumerable<LearnedRule> OfClass(string subsystem, string? devType, IReadOnlyList<Arrival> devices)
    {
        // A rule for devices without a DEVTYPE must not match those that have one.
        string[] match = [devType is null ? "devtype: \"!*\"" : $"devtype: {Quoted(devType)}"];
        var name = $"learned-{subsystem}{(devType is null ? "" : "-" + devType)}";
        var (rest, facts) = (devices, Facts(devices));
        if (FindCommon(devices, facts) is var (common, suffix, with))
        {
            if (Make($"{name}-{suffix}", [.. match, common], with, Facts(with)) is { } special)
                yield return special;
            rest = [.. devices.Except(with)];
            facts = Facts(rest);
        }
        if (Make(name, match, rest, facts) is { } rule)
            yield return rule;
    }

    // Names that appeared much later still belong to the device if an attribute says how many of them there will be.
    private static List<FamilyFacts> Facts(IReadOnlyList<Arrival> devices)
    {
        var all = FamilyFacts.Of(devices, static device => device.Items).ToList();
        all.AddRange(FamilyFacts.Of(devices, static device => device.Unrelated).Where(facts => LearnedCondition.IsCounted(facts) && !all.Exists(one => one.Family == facts.Family)));
        foreach (var facts in all)
            LearnedCondition.WithNone(facts, devices).ToList().ForEach(facts.AddNone);
        return all;
    }

    // Finds what the devices that got a name have in common and the others lack: a property, else an entry that was there at their add.
    private static (string Match, string Suffix, IReadOnlyList<Arrival> With)? FindCommon(IReadOnlyList<Arrival> devices, List<FamilyFacts> all)
    {
        List<FamilyFacts> some = [.. all.Where(facts => facts.Counts.Count >= 2 && facts.Counts.Count < devices.Count).OrderByDescending(facts => facts.Counts.Count)];
        foreach (var facts in some)
        {
            List<Arrival> with = [.. devices.Where(facts.Counts.ContainsKey)];
            foreach (var line in (with[0].Device.FileAt(with[0].AddUsec) ?? "").Split('\n'))
            {
                var equals = line.IndexOf('=');
                if (equals <= 0 || s_own.Contains(line[..equals]))
                    continue;
                var (key, value) = (line[..equals], line[(equals + 1)..].TrimEnd());
                if (value.Length is > 0 and < 64 && devices.All(device => (Property(device, key) == value) == facts.Counts.ContainsKey(device)))
                    return ($"property: {{ {key}: {Quoted(value)} }}", value, with);
            }
        }
        // The attribute that gives the number of names tells best which devices have such names at all.
        foreach (var facts in some.Where(facts => facts.Counts.Count <= devices.Count - 2).OrderByDescending(LearnedCondition.IsCounted))
        {
            List<Arrival> with = [.. devices.Where(facts.Counts.ContainsKey)];
            var number = LearnedCondition.AttributeOf(facts);
            if (with[0].Device.Names.Keys.Where(name => NameFamily.Of(name) == name && devices.All(device => HadAtAdd(device, name) is { } had && had == facts.Counts.ContainsKey(device)))
                .OrderByDescending(name => name == number).ThenBy(name => name.Length).ThenBy(name => name, StringComparer.Ordinal).FirstOrDefault() is { } entry)
                return ($"exists: {Quoted(entry)}", entry, with);
        }
        return null;
    }

    // Whether a device had an entry from its add on; null if it got or lost it later.
    private static bool? HadAtAdd(Arrival device, string name) =>
        !device.Device.Names.TryGetValue(name, out var stays) ? false : stays is [{ WasThere: true }] && device.Standing.ContainsKey(name) ? true : null;

    private static LearnedRule? Make(string name, IReadOnlyList<string> match, IReadOnlyList<Arrival> devices, List<FamilyFacts> facts)
    {
        var remarks = new List<string>();
        var worst = facts.Select(one => one.WorstUsec).DefaultIfEmpty(0).Max();
        var timeout = Math.Clamp(RoundUp(worst * TimeoutTimes), LeastTimeoutUsec, MostTimeoutUsec);
        var items = new List<LearnedItem>();
        foreach (var family in facts.OrderBy(one => one.Family.Count(c => c == '/')).ThenBy(one => one.Quantile(0.5)).ThenBy(one => one.Family, StringComparer.Ordinal))
        {
            if (family.Counts.Count < devices.Count * RareShare)
                remarks.Add($"left out: {Example(family)}, on only {family.Counts.Count} of {devices.Count} devices");
            else
                items.AddRange(LearnedCondition.Of(family, devices, Optional(family, timeout)));
        }
        foreach (var family in facts.Where(family => devices.All(device => device.Items.All(item => item.Family != family.Family))))
            remarks.Add($"{Example(family)} came later than the add; with `on: [add, change]` a change waits for them too");
        if (devices.SelectMany(device => device.Items).Select(item => (item.DelayUsec, Between: item.DelayUsec - item.AfterUsec)).Where(item => item.Between >= WideUsec && item.Between * WideShare > item.DelayUsec).ToList() is { Count: > 0 } wide)
            remarks.Add($"{wide.Count} of the delays are only upper bounds: there was no look for up to {Milliseconds(wide.Max(item => item.Between))} before (record with less other work on the machine)");
        AddRemarks(remarks, "appeared and disappeared again", devices.SelectMany(device => device.Flapping));
        AddRemarks(remarks, "appeared much later, probably because someone used the device", devices.SelectMany(device => device.Unrelated.Where(item => !facts.Exists(one => one.Family == item.Family)).Select(item => item.Name)));
        if (items.Count == 0)
            return null;
        var late = devices.Count(device => device.Items.Count > 0);
        return new LearnedRule(Sanitized(name), $"{late} of {devices.Count} were incomplete at their add, the slowest by {Milliseconds(worst)}", match, items, timeout, remarks);
    }

    private static void AddRemarks(List<string> remarks, string what, IEnumerable<string> names)
    {
        List<string> families = [.. names.Select(NameFamily.Of).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(family => family.Replace('#', '*'))];
        if (families.Count > 0)
            remarks.Add($"left out: {string.Join(", ", families.Take(8))}{(families.Count > 8 ? ", …" : "")}, which {what}");
    }

    private static string Example(FamilyFacts family) => family.Names.Count == 0 ? family.Family.Replace('#', '*') : NameFamily.Glob(family.Family, family.Names);

    private static long Optional(FamilyFacts family, long timeout) =>
        Math.Min(Math.Max(LeastOptionalUsec, RoundUp(family.WorstUsec * OptionalTimes)), timeout / 2);

    // Rounds up to 1, 2 or 5 times a power of ten, to at least one millisecond.
    private static long RoundUp(long usec)
    {
        for (long step = 1000; ; step *= 10)
        {
            foreach (var times in (int[])[1, 2, 5])
            {
                if (step * times >= usec)
                    return step * times;
            }
        }
    }

    internal static string Milliseconds(long usec) => (usec / 1000.0).ToString(usec < 10_000 ? "0.##" : "0", CultureInfo.InvariantCulture) + " ms";

    internal static string Quoted(string text) =>
        "\"" + string.Concat(text.Select(c => c is '"' or '\\' ? $"\\{c}" : char.IsControl(c) ? $"\\x{(int)c & 0xff:x2}" : c.ToString())) + "\"";

    private static string Sanitized(string name) => string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '-'));
}
