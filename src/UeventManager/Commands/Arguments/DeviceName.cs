namespace UeventManager.Commands.Arguments;

/// <summary>Converts a person's name for a device.</summary>
internal static class DeviceName
{
    /// <summary>
    /// Converts a name for the daemon, which knows devpaths, <c>/sys/…</c>, <c>/dev/…</c> and <c>subsystem:sysname</c>: also a path below the
    /// <c>--sysfs</c> or <c>--dev</c> directory, or a relative path that exists here.
    /// </summary>
    /// <param name="name">The name as given.</param>
    /// <param name="settings">The roots of sysfs and of the device nodes.</param>
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
        // '..' is kept, because after a link it leads elsewhere than the text suggests.
        name = "/" + string.Join('/', name.Split('/').Where(static part => part is not ("" or ".")));
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
