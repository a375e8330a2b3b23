using UeventManager.Core.Ordering;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Dispatch;

/// <summary>The kinds of names of a device.</summary>
public enum DeviceKeyKind : byte
{
    /// <summary>Its devpath.</summary>
    Path,

    /// <summary><c>subsystem:sysname</c>.</summary>
    Name,

    /// <summary>The name of its node below <c>/dev</c>.</summary>
    Node,

    /// <summary>The number of its node: <c>block 8:0</c> or <c>char 1:3</c>.</summary>
    Number,
}

/// <summary>A name of a device. For a device that does not exist yet, nothing else is known.</summary>
/// <param name="Kind">The kind of name.</param>
/// <param name="Text">The name.</param>
public readonly record struct DeviceKey(DeviceKeyKind Kind, string Text)
{
    /// <summary>A device's name of one kind; null if there is none.</summary>
    public static string? TextOf(Device device, DeviceKeyKind kind)
    {
        switch (kind)
        {
            case DeviceKeyKind.Path:
                return device.DevPath;
            case DeviceKeyKind.Name:
                return $"{device.Subsystem}:{device.SysName}";
            case DeviceKeyKind.Node:
                return PropertiesOf(device).Text("DEVNAME") is { } node ? node.StartsWith("/dev/", StringComparison.Ordinal) ? node[5..] : node : null;
            default:
                var properties = PropertiesOf(device);
                return properties.Text("MAJOR") is { } major && properties.Text("MINOR") is { } minor
                    ? $"{(device.Subsystem == "block" ? "block" : "char")} {major}:{minor}"
                    : null;
        }
    }

    /// <summary>Finds the device; null if it is unknown. Only a devpath is found without a search through all devices.</summary>
    public Device? Find(DeviceTree devices)
    {
        if (Kind == DeviceKeyKind.Path)
        {
            var path = System.Text.Encoding.UTF8.GetBytes(Text);
            return DevPaths.IsValid(path) ? devices.Find(path) : null;
        }
        foreach (var device in devices.All())
        {
            if (Matches(device))
                return device;
        }
        return null;
    }

    private bool Matches(Device device) => Kind switch
    {
        DeviceKeyKind.Name => Text.Length > device.Subsystem.Length && Text[device.Subsystem.Length] == ':'
            && Text.StartsWith(device.Subsystem, StringComparison.Ordinal) && Text.AsSpan(device.Subsystem.Length + 1).SequenceEqual(device.SysName),
        DeviceKeyKind.Node => HasNode(PropertiesOf(device)),
        _ => PropertiesOf(device).TryGet("MAJOR"u8, out _) && TextOf(device, Kind) == Text,
    };

    // Most devices have no node, so no string is made for them.
    private bool HasNode(PropertyBuffer properties)
    {
        var name = properties.Outline.DevName;
        if (!name.Exists)
            return false;
        Span<char> buffer = stackalloc char[128];
        var text = KernelText.Decode(name.Of(properties.Span), buffer);
        return text.SequenceEqual(Text) || (text.StartsWith("/dev/", StringComparison.Ordinal) && text[5..].SequenceEqual(Text));
    }

    private static PropertyBuffer PropertiesOf(Device device) =>
        device.State != DeviceState.Announced && device.Pending is { Events.Count: > 0 } wait ? wait.Events[0].Properties : device.Properties;
}
