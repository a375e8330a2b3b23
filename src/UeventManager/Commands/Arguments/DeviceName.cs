namespace UeventManager.Commands.Arguments;

/// <summary>What a person calls a device.</summary>
internal static class DeviceName
{
    /// <summary>
    /// Makes a name good for the daemon, which knows devpaths, <c>/sys/…</c>, <c>/dev/…</c> and <c>subsystem:sysname</c>: a path below the
    /// sysfs or dev of <c>--sysfs</c> or <c>--dev</c>, or a relative one that exists here, is turned into such.
    /// </summary>
    /// <param name="name">As it was given.</param>
    /// <param name="settings">Where sysfs and the nodes are.</param>
    /// <returns>The name for the daemon.</returns>
    public static string Normalize(string name, CommonSettings settings)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(settings);
        if (!name.StartsWith('/'))
        {
            if (!Path.Exists(name))
                return name;
            name = Path.GetFullPath(name);
        }
        name = name.Length > 1 ? name.TrimEnd('/') : name;
        return Below(name, settings.Sysfs) is { } inSysfs ? "/sys" + inSysfs
            : Below(name, settings.Dev) is { } inDev ? "/dev" + inDev
            : name;
    }

    private static string? Below(string path, string root)
    {
        string full = Path.GetFullPath(root).TrimEnd('/');
        return path.Length > full.Length && path.StartsWith(full, StringComparison.Ordinal) && path[full.Length] == '/'
            ? path[full.Length..]
            : null;
    }
}
