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
            return MistakeInPath(name, sysfs);
        int colon = name.IndexOf(':', StringComparison.Ordinal);
        string subsystem = colon < 0 ? "" : name[..colon];
        string[] known = [.. DeviceCompletion.Subsystems(sysfs)];
        if (colon > 0 && colon < name.Length - 1 && (known.Length == 0 || known.Contains(subsystem)))
            return null;
        // The colon may be part of the sysname, as for a PCI function or a USB interface.
        if (DeviceCompletion.Named(sysfs, name).Take(MostMeant).ToArray() is { Length: > 0 } meant)
            return $"'{name}' is not the name of a device (did you mean {string.Join(" or ", meant)}?)";
        if (colon <= 0 || colon == name.Length - 1)
            return $"'{name}' is not the name of a device (write {Forms}; {(colon < 0 ? $"for a disk /dev/{name} or block:{name}, for an interface net:{name}" : "with a name on both sides of the colon")})";
        // A driver may add the subsystem later, and the last device may have removed it: only a likely typing error is refused, and only where it
        // would look like success.
        return untilRemoved && Nearest.To(subsystem, known) is { } near ? $"'{name}': there is no subsystem '{subsystem}' (did you mean {near}:{name[(colon + 1)..]}?)" : null;
    }

    private static string? MistakeInPath(string name, string sysfs)
    {
        string[] tops = ["/devices/", "/sys/", "/dev/"];
        if (Array.Exists(tops, top => name.StartsWith(top, StringComparison.Ordinal) && name.Length > top.Length))
            return null;
        return Path.Exists(sysfs + name) && name.Length > 1
            ? $"'{name}' is not a devpath (did you mean /sys{name}?)"
            : $"'{name}' is neither in sysfs nor in /dev (write {Forms})";
    }
}
