namespace UeventManager.Client.Testing;

/// <summary>Which devices and actions a filter wants, as the daemon decides it.</summary>
internal static class FilterMatch
{
    public static bool Wants(DeviceFilter? filter, UeventDevice device) => filter is null
        || (Any(filter.Subsystems, device.Subsystem)
            && (filter.Devtypes is null or [] || filter.Devtypes.Any(glob => NameGlob.MatchesValue(glob, device.Devtype)))
            && Any(filter.Devpaths, device.Devpath)
            && Any(filter.Sysnames, device.Sysname)
            && (filter.Properties ?? new Dictionary<string, string>()).All(
                wanted => NameGlob.MatchesValue(wanted.Value, device.Properties.GetValueOrDefault(wanted.Key))))
        && AnyOfTags(filter.Tags, device.Properties.GetValueOrDefault("TAGS", ""));

    /// <param name="filter">The filter.</param>
    /// <param name="action">The event's action.</param>
    /// <param name="carried">The properties that it carries.</param>
    public static bool Wants(DeviceFilter? filter, string action, IReadOnlyDictionary<string, string> carried) => Any(filter?.Actions, action)
        && (filter?.Variables ?? new Dictionary<string, string>()).All(wanted => NameGlob.MatchesValue(wanted.Value, carried.GetValueOrDefault(wanted.Key)));

    // A negated pattern wants that no tag is so.
    private static bool AnyOfTags(IReadOnlyList<string>? globs, string told)
    {
        string[] tags = told.Split(':', StringSplitOptions.RemoveEmptyEntries);
        return globs is null or [] || globs.Any(glob => glob.StartsWith('!')
            ? tags.All(tag => NameGlob.MatchesValue(glob, tag))
            : tags.Any(tag => NameGlob.MatchesValue(glob, tag)));
    }

    private static bool Any(IReadOnlyList<string>? globs, string? text) => globs is null or [] || globs.Any(glob => NameGlob.Matches(glob, text));
}
