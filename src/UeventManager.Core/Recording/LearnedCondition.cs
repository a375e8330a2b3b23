using UeventManager.Core.Rules;

namespace UeventManager.Core.Recording;

/// <summary>Turns the facts about one family of names into conditions.</summary>
internal static class LearnedCondition
{
    /// <summary>Makes the conditions.</summary>
    /// <param name="family">The facts.</param>
    /// <param name="devices">All devices of the class.</param>
    /// <param name="optionalUsec">How long to wait for a name that not all devices have.</param>
    public static IEnumerable<LearnedItem> Of(FamilyFacts family, IReadOnlyList<Arrival> devices, long optionalUsec)
    {
        var isOfAll = family.Counts.Count == devices.Count;
        var (least, most) = (family.Counts.Values.DefaultIfEmpty(0).Min(), family.Counts.Values.DefaultIfEmpty(0).Max());
        var comment = Comment(family, devices.Count);
        if (most == 0)
            yield break;
        var glob = GlobOf(family, devices);
        // A name that contains another device's name is the same on all devices only by accident, and so is the number in a directory of one device that
        // came again.
        if (most == 1 && family.Names.Count == 1 && NameFamily.Of(family.Names.Min!) == family.Family && (!glob.Contains('*', StringComparison.Ordinal) || IsSameOnOthers(family.Names.Min!, devices)))
            yield return Item($"{(family.IsLink ? "link" : "exists")}: {Learner.Quoted(family.Names.Min!)}", isOfAll, comment);
        else if (most == 1)
            yield return Item(Count(glob, "atLeast", "1"), isOfAll, comment);
        else if (AttributeOf(family) is { } attribute)
            yield return Item(Count(glob, "equals", $"{{attribute: {Learner.Quoted(attribute)}}}"), isOfAll, comment);
        else if (least == most)
            yield return Item(Count(glob, "atLeast", $"{most}"), isOfAll, $"{comment}; each had {most}{(isOfAll ? "" : " or none")}");
        else
        {
            if (isOfAll)
                yield return Item(Count(glob, "atLeast", $"{least}"), isRequired: true, $"{comment}; they had {least} to {most}, and no recorded attribute gives the number");
            yield return Item(Count(glob, "atLeast", $"{most}"), isRequired: false, isOfAll ? $"{family.Counts.Values.Count(count => count == most)} of {devices.Count} had {most}" : comment);
        }

        LearnedItem Item(string yaml, bool isRequired, string text) =>
            new($"{{{yaml}{(isRequired ? "" : $", optional: {Duration.Format(optionalUsec)}")}}}", isRequired || isOfAll ? text : $"{text}; {devices.Count - family.Counts.Count} of {devices.Count} never got it");
    }

    /// <summary>Whether an attribute whose name suggests a count holds each device's number of names.</summary>
    public static bool IsCounted(FamilyFacts family) => family.Counts.Count > 0 && AttributeOf(family) is { } name && IsNumberOf(name);

    private static string Count(string glob, string test, string value) => $"count: {Learner.Quoted(glob)}, {test}: {value}";

    private static bool IsSameOnOthers(string name, IReadOnlyList<Arrival> devices) =>
        devices.DistinctBy(device => device.Device.FirstDevPath).Skip(1).Any() || (devices.Count > 1 && !(name.Contains('/', StringComparison.Ordinal) && char.IsAsciiDigit(name[^1])));

    // A pattern that other names match as well (resource* of resource0 and resource) would count them.
    private static string GlobOf(FamilyFacts family, IReadOnlyList<Arrival> devices)
    {
        var glob = NameFamily.Glob(family.Family, family.Names);
        var strict = glob.Replace("*", "[0-9]*", StringComparison.Ordinal);
        return devices.Any(device => device.Standing.Any(one => one.Value.Family != family.Family && Matches(glob, one.Key))) && family.Names.All(name => Matches(strict, name)) ? strict : glob;
    }

    private static bool Matches(string glob, string name) => Glob.Parse(glob, GlobSubject.Path).Matches(name);

    private static string Comment(FamilyFacts family, int devices) => family.Delays.Count == 0 ? $"late on 0 of {devices} devices"
        : $"late on {family.Delays.Count} of {devices} devices: p50 {Learner.Milliseconds(family.Quantile(0.5))}, p99 {Learner.Milliseconds(family.Quantile(0.99))}, worst {Learner.Milliseconds(family.WorstUsec)}";

    /// <summary>
    /// The attribute that holds each device's number of names, or null. Two numbers may be equal by accident: an attribute counts only if it agrees on
    /// devices with different numbers, or if its name suggests a number.
    /// </summary>
    public static string? AttributeOf(FamilyFacts family)
    {
        var differ = family.Counts.Values.Distinct().Count() > 1;
        var candidates = family.Counts.Keys.First().Device.ValueNames.Where(name => name != "uevent" && (differ || IsNumberOf(name)));
        return candidates.Where(name => family.Counts.All(one => ValueOf(one.Key, name, family.WholeUsec(one.Key)) == one.Value)).OrderByDescending(IsNumberOf).ThenBy(name => name.Length).ThenBy(name => name, StringComparer.Ordinal).FirstOrDefault();
    }

    private static bool IsNumberOf(string name) => name[(name.LastIndexOf('/') + 1)..] is var last
        && (last.Contains("num", StringComparison.OrdinalIgnoreCase) || last.Contains("count", StringComparison.OrdinalIgnoreCase) || last.StartsWith("nr_", StringComparison.Ordinal));

    /// <summary>The devices without a name of which the attribute says that there is none.</summary>
    public static IEnumerable<Arrival> WithNone(FamilyFacts family, IEnumerable<Arrival> devices) =>
        !IsCounted(family) ? [] : devices.Where(device => !family.Counts.ContainsKey(device) && ValueOf(device, AttributeOf(family)!, family.WholeUsec(device)) == 0);

    private static long? ValueOf(Arrival arrival, string name, long usec) =>
        arrival.Device.ValueAt(name, usec) is { Value: { } text } && ValueTest.TryNumber(KernelText(text), out var number) ? number : null;

    private static string KernelText(string text) => Uevents.KernelText.WithoutPadding(text);
}
