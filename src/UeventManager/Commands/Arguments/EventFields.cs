using System.Globalization;
using UeventManager.Client;
using UeventManager.Commands.Terminal;

namespace UeventManager.Commands.Arguments;

/// <summary>The values of placeholders in a program's arguments and in lines of output.</summary>
internal static class EventFields
{
    private const string Attribute = "attribute:";
    private const string Link = "link:";
    private const string Property = "property:";

    /// <summary>The placeholders of a device.</summary>
    public static IReadOnlyList<string> OfDevices { get; } =
        ["devpath", "syspath", "sysname", "subsystem", "devtype", "devnode", "driver", "parent", "rule", "settled", "missing", "tags"];

    /// <summary>The placeholders of an event, including its device's.</summary>
    public static IReadOnlyList<string> OfEvents { get; } = ["action", .. OfDevices, "olddevpath", "seqnum", "cursor", "group", "synthetic"];

    /// <summary>True for a name of a property, an attribute or a link.</summary>
    public static bool IsOpen(string name) =>
        (name.StartsWith(Attribute, StringComparison.Ordinal) && name.Length > Attribute.Length)
        || (name.StartsWith(Link, StringComparison.Ordinal) && name.Length > Link.Length)
        || (name.StartsWith(Property, StringComparison.Ordinal) && name.Length > Property.Length)
        || (name.Length > 0 && char.IsAsciiLetterUpper(name[0]) && name.All(static c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) || c == '_'));

    /// <summary>The value of a placeholder; null if there is none.</summary>
    /// <param name="name">The name.</param>
    /// <param name="device">The device.</param>
    /// <param name="one">The event; null for none.</param>
    /// <param name="sysfs">The root of sysfs.</param>
    public static string? Value(string name, UeventDevice device, UeventEvent? one, string sysfs) => name switch
    {
        "action" => one?.Action,
        "devpath" => device.DevPath,
        "syspath" => sysfs.TrimEnd('/') + device.DevPath,
        "sysname" => device.SysName,
        "subsystem" => device.Subsystem,
        "devtype" => device.DevType,
        "devnode" => device.DevNode,
        "driver" => device.Driver,
        "parent" => device.Parent,
        "rule" => device.Rule,
        "settled" => device.Settled ? "1" : "0",
        "missing" => device.Missing is { } missing ? string.Join(", ", missing) : null,
        "tags" => EventLine.Tags(device),
        "olddevpath" => one?.OldDevPath,
        "seqnum" => one?.Seqnum?.ToString(CultureInfo.InvariantCulture),
        "cursor" => one?.Cursor,
        "group" => one?.Group?.Id,
        "synthetic" => one?.Synthetic switch { true => "1", false => "0", _ => null },
        _ when name.StartsWith(Attribute, StringComparison.Ordinal) => device.Attributes?.GetValueOrDefault(name[Attribute.Length..]),
        _ when name.StartsWith(Link, StringComparison.Ordinal) => device.Links?.GetValueOrDefault(name[Link.Length..]),
        _ => device.Properties.GetValueOrDefault(name.StartsWith(Property, StringComparison.Ordinal) ? name[Property.Length..] : name),
    };
}
