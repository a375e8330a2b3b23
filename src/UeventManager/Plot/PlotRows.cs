using UeventManager.Core.Recording;
using UeventManager.Core.Rules;
using UeventManager.Core.Uevents;

namespace UeventManager.Plot;

/// <summary>Turns the devices of a recording into rows: parents above children, and many devices of one kind in a shared row.</summary>
internal static class PlotRows
{
    /// <summary>With more rows than this, devices of one kind below one parent share a row.</summary>
    public const int MaxRows = 120;

    private const int LeastFolded = 4;

    // The most components of a devpath that are compared exactly.
    private const int MostExact = 16;

    /// <summary>The devices that arrived.</summary>
    /// <param name="world">The recording.</param>
    /// <param name="replay">What would have happened to them under the rules; null without rules.</param>
    public static IEnumerable<PlotDevice> Devices(RecordedWorld world, Replay? replay)
    {
        var replayed = (replay?.Devices ?? []).Where(static one => one.Arrival is not null).ToLookup(static one => one.Arrival!.Device);
        foreach (var arrival in Arrivals.Of(world))
        {
            var told = replayed[arrival.Device].FirstOrDefault();
            var start = world.StartUsec;
            var add = arrival.AddUsec - start;
            yield return new PlotDevice
            {
                DevPath = arrival.Device.FirstDevPath,
                Subsystem = arrival.Device.Subsystem,
                AddUsec = add,
                CompleteUsec = add + arrival.Items.Select(static item => item.DelayUsec).DefaultIfEmpty(0).Max(),
                AnnouncedUsec = told?.Rule is null ? null : told.AnnouncedUsec - start,
                IsIncomplete = told?.Outcome == ReplayOutcome.Incomplete,
                Outcome = told is null ? "" : $"{told.Rule ?? "no rule"}: {told.Outcome.ToString().ToLowerInvariant()}{(told.Missing.Count > 0 ? ": " + string.Join("; ", told.Missing) : "")}",
                Group = told?.Group ?? 0,
                GoneUsec = arrival.Device.UntilUsec == long.MaxValue ? null : arrival.Device.UntilUsec - start,
                Items = [.. arrival.Items.Select(item => (item.Name, add + item.DelayUsec))],
                Property = key => UeventFile.Find(arrival.Device.FileAt(arrival.AddUsec), key),
                Blocked = [.. arrival.Device.Blocked.Select(one => (one.Name, one.FromUsec - start, Math.Min(one.UntilUsec, world.EndUsec) - start))],
            };
        }
    }

    /// <summary>A device as a daemon remembers it.</summary>
    public static PlotDevice Of(RememberedDevice device) => new()
    {
        DevPath = device.DevPath,
        Subsystem = device.Subsystem,
        AddUsec = device.AddUsec,
        CompleteUsec = device.CompleteUsec,
        AnnouncedUsec = device.AnnouncedUsec,
        IsIncomplete = device.IsUnsettled,
        Outcome = device.Outcome,
        Group = device.Group,
        GoneUsec = device.GoneUsec,
        Items = device.Items,
        Blocked = device.Reads,
        Property = key => UeventFile.Find(device.Properties, key),
    };

    /// <summary>Arranges devices in rows.</summary>
    public static IReadOnlyList<PlotRow> Of(IEnumerable<PlotDevice> devices)
    {
        List<PlotDevice> sorted = [.. devices];
        sorted.Sort(static (a, b) => DevPaths.CompareInTree(a.DevPath, b.DevPath) is var order and not 0 ? order : a.AddUsec.CompareTo(b.AddUsec));
        var (rows, above) = (new List<PlotRow>(), new Stack<string>());
        foreach (var device in sorted)
        {
            while (above.TryPeek(out var top) && !device.DevPath.StartsWith(top + "/", StringComparison.Ordinal))
                above.Pop();
            rows.Add(new PlotRow { Label = device.Name, Depth = above.Count, Devices = [device] });
            above.Push(device.DevPath);
        }
        // Shares as few rows as necessary: first devices below one parent, then those below similar parents.
        for (var exact = MostExact; rows.Count > MaxRows && exact >= 0; exact--)
        {
            var folded = Folded(rows, exact);
            if (folded.Count <= MaxRows || exact == 0)
                return folded;
        }
        return rows;
    }

    // Groups devices whose paths agree in their first components, and except for numbers in the rest.
    private static List<PlotRow> Folded(List<PlotRow> rows, int exact)
    {
        var result = new List<PlotRow>();
        foreach (var kind in rows.GroupBy(row => (row.Depth, Family: FamilyOf(row.Devices[0].DevPath, exact), row.Devices[0].Subsystem)))
        {
            PlotRow[] members = [.. kind];
            if (members.Length < LeastFolded)
                result.AddRange(members);
            else
                result.Add(members[0] with { Label = $"{CommonName(members)} \u00d7 {members.Length}", Devices = [.. members.SelectMany(static row => row.Devices)] });
        }
        result.Sort(static (a, b) => DevPaths.CompareInTree(a.Devices[0].DevPath, b.Devices[0].DevPath));
        return result;
    }

    private static string FamilyOf(string devPath, int exact)
    {
        var end = 0;
        for (; exact > 0 && end >= 0; exact--)
            end = devPath.IndexOf('/', end + 1);
        return end < 0 ? devPath : devPath[..end] + NameFamily.Of(devPath[end..]);
    }

    // The common beginning and end of all names.
    private static string CommonName(PlotRow[] members)
    {
        var (start, end) = (members[0].Label, members[0].Label);
        foreach (var row in members)
        {
            start = start[..start.AsSpan().CommonPrefixLength(row.Label)];
            while (!row.Label.EndsWith(end, StringComparison.Ordinal))
                end = end[1..];
        }
        var shortest = members.Min(static row => row.Label.Length);
        return $"{start}*{end[Math.Max(0, start.Length + end.Length - shortest)..]}";
    }
}
