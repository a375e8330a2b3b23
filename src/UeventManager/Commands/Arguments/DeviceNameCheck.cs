namespace UeventManager.Commands.Arguments;

/// <summary>Tells names that no device can ever have from names of devices that may come: waiting for one of the former would never end.</summary>
internal static class DeviceNameCheck
{
    // At most this many suggestions.
    private const int MostMeant = 3;
    private const string Forms = "a devpath, /sys/…, /dev/… or subsystem:sysname";

    /// <summary>What is wrong with a name, with the right form; null if a device may have it.</summary>
    /// <param name="name">The name as it goes to the daemon (<see cref="DeviceName.Normalize"/>).</param>
    /// <param name="sysfs">Where sysfs is.</param>
    /// <param name="untilRemoved">True to wait until it is gone, which a device that never was is at once.</param>
    public static string? Mistake(string name, string sysfs, bool untilRemoved)
    {
        if (name.StartsWith('/'))
            return MistakeInPath(name, sysfs);
        int colon = name.IndexOf(':', StringComparison.Ordinal);
        string subsystem = colon < 0 ? "" : name[..colon];
        string[] known = [.. DeviceCompletion.Subsystems(sysfs)];
        if (colon > 0 && colon < name.Length - 1 && (known.Length == 0 || known.Contains(subsystem)))
            return null;
        // The colon may be part of the sysname: of a PCI function, a USB interface.
        if (DeviceCompletion.Named(sysfs, name).Take(MostMeant).ToArray() is { Length: > 0 } meant)
            return $"'{name}' is not a name of a device (did you mean {string.Join(" or ", meant)}?)";
        if (colon <= 0 || colon == name.Length - 1)
            return $"'{name}' is not a name of a device (write {Forms}; {(colon < 0 ? $"of a disk /dev/{name} or block:{name}, of an interface net:{name}" : "both stand beside the colon")})";
        // A driver may bring the subsystem later, and the last device may have taken it away: only a slip of the pen is refused, and only where it would look like success.
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
