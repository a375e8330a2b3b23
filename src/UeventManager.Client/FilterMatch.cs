namespace UeventManager.Client;

/// <summary>Matches devices and actions against a filter as the daemon does.</summary>
internal static class FilterMatch
{
    /// <param name="filter">The filter.</param>
    /// <param name="device">The device.</param>
    /// <param name="find">Finds a known device by devpath; null if no devices are known.</param>
    public static bool Wants(DeviceFilter? filter, UeventDevice device, Func<string, UeventDevice?>? find = null) => filter is null
        || (Any(filter.Subsystems, device.Subsystem)
            && (filter.DevTypes.Count == 0 || filter.DevTypes.Any(glob => NameGlob.MatchesValue(glob, device.DevType)))
            && Any(filter.DevPaths, device.DevPath)
            && Any(filter.SysNames, device.SysName)
            && filter.Properties.All(wanted => NameGlob.MatchesValue(wanted.Value, device.Properties.GetValueOrDefault(wanted.Key))))
        && filter.Attributes.All(wanted => NameGlob.MatchesValue(wanted.Value, device.Attributes.GetValueOrDefault(wanted.Key)))
        && AnyOfTags(filter.Tags, device.Properties.GetValueOrDefault("TAGS", ""))
        && (filter.Parents.Count == 0 || AnyOfParents(filter.Parents, Above(device, find)))
        && (filter.Alternatives.Count == 0 || filter.Alternatives.Any(one => Wants(one, device, find)));

    /// <param name="filter">The filter.</param>
    /// <param name="device">A device that matches the filter, or matched it before.</param>
    /// <param name="action">The event's action.</param>
    /// <param name="carried">The event's properties.</param>
    /// <param name="find">Finds a known device by devpath; null if no devices are known.</param>
    public static bool Hears(
        DeviceFilter? filter, UeventDevice device, string action, IReadOnlyDictionary<string, string> carried, Func<string, UeventDevice?>? find = null)
    {
        if (filter is null)
            return true;
        if (!Any(filter.Actions, action) || !filter.Variables.All(wanted => NameGlob.MatchesValue(wanted.Value, carried.GetValueOrDefault(wanted.Key))))
            return false;
        if (filter.Alternatives.Count == 0)
            return true;
        DeviceFilter[] fitting = [.. filter.Alternatives.Where(one => Wants(one, device, find))];
        // A device that has left all alternatives may have belonged to any of them.
        return (fitting.Length > 0 ? fitting : filter.Alternatives).Any(one => Hears(one, device, action, carried, find));
    }

    // A negated pattern requires that no tag matches.
    private static bool AnyOfTags(IReadOnlyList<string> globs, string told)
    {
        string[] tags = told.Split(':', StringSplitOptions.RemoveEmptyEntries);
        return globs.Count == 0 || globs.Any(glob => glob.StartsWith('!')
            ? tags.All(tag => NameGlob.MatchesValue(glob, tag))
            : tags.Any(tag => NameGlob.MatchesValue(glob, tag)));
    }

    private static List<UeventDevice> Above(UeventDevice device, Func<string, UeventDevice?>? find) =>
        [.. DevicePlace.Above(device.DevPath).Select(path => find?.Invoke(path)).OfType<UeventDevice>()];

    // SUBSYSTEM[/DEVTYPE][:SYSNAME], where only a sysname may contain colons. A negated pattern requires that no ancestor matches.
    private static bool AnyOfParents(IReadOnlyList<string> patterns, List<UeventDevice> above) => patterns.Any(pattern =>
    {
        string wanted = pattern.TrimStart('!');
        string[] name = wanted.Split(':', 2);
        string[] kind = name[0].Split('/', 2);
        bool found = above.Exists(device => (kind[0].Length == 0 || NameGlob.Matches(kind[0], device.Subsystem))
            && (kind.Length == 1 || NameGlob.MatchesValue(kind[1], device.DevType))
            && (name.Length == 1 || name[1].Length == 0 || NameGlob.Matches(name[1], device.SysName)));
        return found != pattern.StartsWith('!');
    });

    private static bool Any(IReadOnlyList<string> globs, string? text) => globs.Count == 0 || globs.Any(glob => NameGlob.Matches(glob, text));
}
