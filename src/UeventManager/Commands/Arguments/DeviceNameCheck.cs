namespace UeventManager.Commands.Arguments;

/// <summary>Finds names that no device can ever have: waiting for such a name would never end.</summary>
internal static class DeviceNameCheck
{
    // The most suggestions.
    private const int MostMeant = 3;
    private const string Forms = "a devpath, /sys/…, /dev/… or subsystem:sysname";

    /// <summary>The error in a name, with the right form; null if a device may have that name.</summary>
    /// <param name="name">The name for the daemon (<see cref="DeviceName.Normalize"/>).</param>
    /// <param name="sysfs">The root of sysfs.</param>
    /// <param name="untilRemoved">True to wait for removal, which a device that never existed fulfils at once.</param>
    public static string? Mistake(string name, string sysfs, bool untilRemoved)
    {
        if (name.StartsWith('/'))
            return MistakeInPath(name, sysfs) ?? MistakeInPlace(name, sysfs, untilRemoved);
        if (name != name.Trim())
            return $"'{name}' has white space at an end, and no device has (did you mean '{name.Trim()}'?)";
        int colon = name.IndexOf(':', StringComparison.Ordinal);
        string subsystem = colon < 0 ? "" : name[..colon];
        string[] known = [.. DeviceCompletion.Subsystems(sysfs)];
        if (colon > 0 && colon < name.Length - 1 && (known.Length == 0 || known.Contains(subsystem)))
            return MistakeInSysname(subsystem, name[(colon + 1)..], sysfs);
        // The colon may be part of the sysname, as for a PCI function or a USB interface.
        if (DeviceCompletion.Named(sysfs, name).Take(MostMeant).ToArray() is { Length: > 0 } meant)
            return $"'{name}' is not the name of a device (did you mean {string.Join(" or ", meant)}?)";
        if (colon < 0 && WithoutSlash(name, known) is { } path)
            return $"'{name}' is not the name of a device (did you mean {path}?)";
        if (colon <= 0 || colon == name.Length - 1)
            return $"'{name}' is not the name of a device (write {Forms}; {(colon < 0 ? $"for a disk /dev/{name} or block:{name}, for an interface net:{name}" : "with a name on both sides of the colon")})";
        if (name[(colon + 1)..].All(char.IsAsciiDigit) && subsystem.AsSpan().TrimStart("bc+").ToString() is { Length: > 0 } major && major.All(char.IsAsciiDigit))
            return $"'{name}' is not the name of a device (write /dev/block/{major}:{name[(colon + 1)..]} or /dev/char/{major}:{name[(colon + 1)..]})";
        if (MistakeInSysname(subsystem, name[(colon + 1)..], sysfs) is { } wrong)
            return wrong;
        // A driver may add the subsystem later, and the last device may have removed it: only a likely typing error is refused, and only where it
        // would look like success.
        return untilRemoved && Nearest.To(subsystem, known) is { } near ? $"'{name}': there is no subsystem '{subsystem}' (did you mean {near}:{name[(colon + 1)..]}?)" : null;
    }

    // An interface may have such a name, but a user who writes it means several devices.
    private static string? MistakeInSysname(string subsystem, string sysname, string sysfs)
    {
        if (sysname != sysname.Trim())
            return $"'{subsystem}:{sysname}' has white space around the name, and no device has (did you mean {subsystem}:{sysname.Trim()}?)";
        return sysname.IndexOfAny(['*', '?']) >= 0 && !DeviceCompletion.Named(sysfs, sysname).Any()
            ? $"'{subsystem}:{sysname}' names one device, and is no pattern (for several write --filter subsystem={subsystem} --filter sysname='{sysname}')"
            : null;
    }

    // The error in a path that exists but is not a device.
    private static string? MistakeInPlace(string path, string sysfs, bool untilRemoved)
    {
        string place = path.StartsWith("/dev/", StringComparison.Ordinal) ? path : sysfs + (path.StartsWith("/sys/", StringComparison.Ordinal) ? path[4..] : path);
        if (path.IndexOfAny(['*', '?']) >= 0 && !Path.Exists(place))
            return $"'{path}' names one device, and is no pattern (for several write --filter subsystem=SUBSYSTEM --filter sysname='{path[(path.LastIndexOf('/') + 1)..]}')";
        if (path.Split('/').Contains(".."))
            return $"'{path}' is not the name of a device: write it without '..'";
        if (path.StartsWith("/dev/", StringComparison.Ordinal))
            return Directory.Exists(path) ? $"'{path}' is a directory, not a device (write {Forms})" : null;
        if (File.Exists(place))
            return $"'{path}' is a file, not a device (did you mean {path[..path.LastIndexOf('/')]}?)";
        if (untilRemoved && path.Split('/') is ["", "sys", "class" or "bus", var subsystem, ..]
            && DeviceCompletion.Subsystems(sysfs).ToList() is var known && !known.Contains(subsystem) && Nearest.To(subsystem, known) is { } near)
            return $"'{path}': there is no subsystem '{subsystem}' (did you mean '{near}'?)";
        // A device that is just being made has no uevent file yet (device_add()).
        bool isNone = untilRemoved || (path.Split('/') is ["", "sys", var top, ..] && top is "module" or "kernel" or "fs" or "firmware" or "power" or "hypervisor");
        return isNone && Directory.Exists(place) && !File.Exists(place + "/uevent") ? $"'{path}' is a directory without a device (write {Forms})" : null;
    }

    // A path without its first slash, or a slash instead of the colon.
    private static string? WithoutSlash(string name, string[] subsystems)
    {
        int slash = name.IndexOf('/', StringComparison.Ordinal);
        if (slash <= 0 || slash == name.Length - 1)
            return null;
        string first = name[..slash];
        return first is "devices" or "sys" or "dev" ? "/" + name : subsystems.Contains(first) ? $"{first}:{name[(slash + 1)..]}" : null;
    }

    private static string? MistakeInPath(string name, string sysfs)
    {
        if (name is "/dev" or "/sys" or "/devices")
            return $"'{name}' is not a device but the directory of them all (write {Forms})";
        if (Collection(name) is { } subsystem)
            return $"'{name}' is not a device but a directory of devices (name one of them{(subsystem.Length > 0 ? $", as {subsystem}:NAME, or all of them with --filter subsystem={subsystem}" : "")})";
        string[] tops = ["/devices/", "/sys/", "/dev/"];
        if (Array.Exists(tops, top => name.StartsWith(top, StringComparison.Ordinal) && name.Length > top.Length))
            return null;
        return Path.Exists(sysfs + name) && name.Length > 1
            ? $"'{name}' is not a devpath (did you mean /sys{name}?)"
            : $"'{name}' is neither in sysfs nor in /dev (write {Forms})";
    }

    // The subsystem whose devices have their links in a directory, empty if the directory is above those of all subsystems; null for another path.
    private static string? Collection(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries) switch
    {
        ["sys", "class" or "bus"] => "",
        ["sys", "block"] => "block",
        ["sys", "class" or "bus", var subsystem] => subsystem,
        ["sys", "bus", var subsystem, "devices"] => subsystem,
        _ => null,
    };
}
