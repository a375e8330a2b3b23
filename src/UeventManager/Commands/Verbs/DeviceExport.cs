using UeventManager.Client;

namespace UeventManager.Commands.Verbs;

/// <summary>Formats devices like <c>udevadm info --export-db</c>: a letter and a value per line, and an empty line after each device.</summary>
internal static class DeviceExport
{
    /// <summary>The properties of a device in udev's form: without variables of a single event, and with the node's directory.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Properties(UeventDevice device)
    {
        yield return new("DEVPATH", device.DevPath);
        yield return new("SUBSYSTEM", device.Subsystem);
        foreach ((string key, string value) in device.Properties.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
        {
            if (key is not ("ACTION" or "DEVPATH" or "DEVPATH_OLD" or "SEQNUM" or "SUBSYSTEM") && !key.StartsWith("SYNTH_", StringComparison.Ordinal))
                yield return new(key, key == "DEVNAME" && !value.StartsWith('/') ? "/dev/" + value : value);
        }
    }

    /// <summary>udev's links to a device's node, without <c>/dev/</c>, if the event contains them.</summary>
    public static IEnumerable<string> Symlinks(UeventDevice device) =>
        device.Properties.GetValueOrDefault("DEVLINKS", "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static link => Node(link));

    /// <summary>A node's path below <c>/dev</c>.</summary>
    public static string Node(string path) => path.StartsWith("/dev/", StringComparison.Ordinal) ? path[5..] : path;

    /// <summary>The lines of a device: path, name, number, subsystem, devtype, number and path of its node, index, disk sequence, driver, properties.</summary>
    public static IEnumerable<string> Lines(UeventDevice device)
    {
        string Property(string key) => device.Properties.GetValueOrDefault(key, "");
        string sysname = device.SysName.Replace('!', '/');
        string number = sysname[(sysname.AsSpan().LastIndexOfAnyExceptInRange('0', '9') + 1)..];
        yield return Line('P', device.DevPath);
        yield return Line('M', sysname);
        // A name of digits only is not a name with a number.
        if (number.Length > 0 && number.Length < sysname.Length)
            yield return Line('R', number);
        yield return Line('U', device.Subsystem);
        if (device.DevType is { } type)
            yield return Line('T', type);
        if (Property("MAJOR").Length > 0 && Property("MINOR").Length > 0)
            yield return Line('D', $"{(device.Subsystem == "block" ? 'b' : 'c')} {Property("MAJOR")}:{Property("MINOR")}");
        if (Property("IFINDEX").Length > 0)
            yield return Line('I', Property("IFINDEX"));
        if (device.DevNode is { } node)
        {
            yield return Line('N', Node(node));
            // udev's rules set the priority of links, and no event contains it; this is the default.
            yield return Line('L', "0");
        }
        foreach (string link in Symlinks(device))
            yield return Line('S', link);
        if (Property("DISKSEQ").Length > 0)
            yield return Line('Q', Property("DISKSEQ"));
        if (device.Driver is { } driver)
            yield return Line('V', driver);
        foreach ((string key, string value) in Properties(device))
            yield return Line('E', $"{key}={value}");
        yield return "";
    }

    private static string Line(char letter, string text) => $"{letter}: {Printable.Text(text)}";
}
