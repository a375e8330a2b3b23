namespace UeventManager.Client.Testing;

/// <summary>Which devices and actions a filter wants, as the daemon decides it.</summary>
internal static class FilterMatch
{
    public static bool Wants(DeviceFilter? filter, UeventDevice device) => filter is null
        || (Any(filter.Subsystems, device.Subsystem)
            && Any(filter.Devtypes, device.Devtype)
            && Any(filter.Devpaths, device.Devpath)
            && Any(filter.Sysnames, device.Sysname)
            && (filter.Properties ?? new Dictionary<string, string>()).All(
                wanted => NameGlob.Matches(wanted.Value, device.Properties.GetValueOrDefault(wanted.Key))));

    public static bool Wants(DeviceFilter? filter, string action) => Any(filter?.Actions, action);

    private static bool Any(IReadOnlyList<string>? globs, string? text) => globs is null or [] || globs.Any(glob => NameGlob.Matches(glob, text));
}
