using System.Text.RegularExpressions;

namespace UeventManager.Commands.Forwarding;

/// <summary>
/// Names the place where a device is plugged in, as udevd's path_id does (ID_PATH), in the simple cases: a PCI function, a part of it, and a USB
/// device below one. Other devices get no name: a name that differs from udevd's would be worse than none.
/// </summary>
internal static partial class PathId
{
    /// <summary>Names a device's place.</summary>
    /// <param name="parts">The components of its devpath.</param>
    /// <param name="subsystem">Its subsystem.</param>
    /// <returns>The name; null if there is none, or no simple one.</returns>
    public static string? Of(string[] parts, string subsystem)
    {
        int pci = Array.FindLastIndex(parts, IsPciFunction);
        if (pci < 0)
            return null;
        string path = Functions(parts, pci);
        ReadOnlySpan<string> rest = parts.AsSpan(pci + 1);
        if (rest.Length == 0 || RootHub().Match(rest[0]) is not { Success: true } hub)
            return IsPlain(rest, subsystem) ? path : null;
        if (rest.Length == 1)
            return path;
        return Ports(rest[1..], hub.Groups[1].Value, out int last) is { } ports && IsPlainOfUsb(rest[(last + 2)..], subsystem) ? $"{path}-usb-0:{ports}" : null;
    }

    /// <summary>The name with only the characters that a tag may have (ID_PATH_TAG).</summary>
    public static string Tag(string path)
    {
        // path_id replaces any run of other characters by one '_', and trims them at the ends.
        return Unsafe().Replace(path, "_").Trim('_');
    }

    /// <summary>True for a hexadecimal domain:bus:device.function; domains behind a VMD have five digits.</summary>
    public static bool IsPciFunction(string part) => PciFunction().IsMatch(part);

    // A chain of PCI functions is named by its last one; a VMD starts a new chain.
    private static string Functions(string[] parts, int last)
    {
        var names = new List<string>();
        for (int i = last; i >= 0; i--)
        {
            if (IsPciFunction(parts[i]) && (i == last || !IsPciFunction(parts[i + 1])))
                names.Insert(0, "pci-" + parts[i]);
        }
        return string.Join('-', names);
    }

    // 1-2/1-2.4/1-2.4:1.0 on bus 1 is interface 1.0 of port 4 of the hub at port 2. On other buses such names mean something else: i2c-6/6-0050.
    private static string? Ports(ReadOnlySpan<string> parts, string bus, out int last)
    {
        last = -1;
        for (int i = 0; i < parts.Length && Port().Match(parts[i]) is { Success: true } match && match.Groups[1].Value == bus; i++)
            last = i;
        return last < 0 ? null : parts[last][(bus.Length + 1)..];
    }

    // A virtio device, a class, and devices of that class: path_id adds no component for any of these.
    private static bool IsPlain(ReadOnlySpan<string> rest, string subsystem)
    {
        if (rest.Length > 0 && VirtioDevice().IsMatch(rest[0]))
            rest = rest[1..];
        return rest.Length == 0 || (rest[0] == subsystem && subsystem is "net" or "sound" or "drm");
    }

    // The same for devices below a USB interface: HID devices and serial ports.
    private static bool IsPlainOfUsb(ReadOnlySpan<string> rest, string subsystem)
    {
        if (rest.Length > 0 && (HidDevice().IsMatch(rest[0]) || SerialPort().IsMatch(rest[0])))
            rest = rest[1..];
        return rest.Length == 0 || (rest[0] == subsystem && subsystem is "net" or "sound" or "drm" or "input" or "tty");
    }

    [GeneratedRegex("^[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\\.[0-7]$", RegexOptions.CultureInvariant)]
    private static partial Regex PciFunction();

    [GeneratedRegex("^usb([0-9]+)$", RegexOptions.CultureInvariant)]
    private static partial Regex RootHub();

    [GeneratedRegex("^([0-9]+)-[0-9]+(?:\\.[0-9]+)*(?::[0-9]+\\.[0-9]+)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Port();

    [GeneratedRegex("^virtio[0-9]+$", RegexOptions.CultureInvariant)]
    private static partial Regex VirtioDevice();

    [GeneratedRegex("^[0-9A-F]{4}:[0-9A-F]{4}:[0-9A-F]{4}\\.[0-9A-F]{4}$", RegexOptions.CultureInvariant)]
    private static partial Regex HidDevice();

    [GeneratedRegex("^ttyUSB[0-9]+$", RegexOptions.CultureInvariant)]
    private static partial Regex SerialPort();

    [GeneratedRegex("[^A-Za-z0-9-]+", RegexOptions.CultureInvariant)]
    private static partial Regex Unsafe();
}
