using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Dispatch;

/// <summary>Writes the types <c>Device</c> and <c>Event</c> of interface org.ueventmanager.Devices.</summary>
internal static class DeviceJson
{
    private static readonly JsonEncodedText Devpath = JsonEncodedText.Encode("devpath");
    private static readonly JsonEncodedText Subsystem = JsonEncodedText.Encode("subsystem");
    private static readonly JsonEncodedText Devtype = JsonEncodedText.Encode("devtype");
    private static readonly JsonEncodedText Sysname = JsonEncodedText.Encode("sysname");
    private static readonly JsonEncodedText Devnode = JsonEncodedText.Encode("devnode");
    private static readonly JsonEncodedText Driver = JsonEncodedText.Encode("driver");
    private static readonly JsonEncodedText Parent = JsonEncodedText.Encode("parent");
    private static readonly JsonEncodedText Settled = JsonEncodedText.Encode("settled");
    private static readonly JsonEncodedText Missing = JsonEncodedText.Encode("missing");
    private static readonly JsonEncodedText Rule = JsonEncodedText.Encode("rule");
    private static readonly JsonEncodedText Kobject = JsonEncodedText.Encode("kobject");
    private static readonly JsonEncodedText Properties = JsonEncodedText.Encode("properties");
    private static readonly JsonEncodedText Attributes = JsonEncodedText.Encode("attributes");
    private static readonly JsonEncodedText Links = JsonEncodedText.Encode("links");
    private static readonly JsonEncodedText ActionKey = JsonEncodedText.Encode("ACTION");
    private static readonly JsonEncodedText DevpathKey = JsonEncodedText.Encode("DEVPATH");
    private static readonly JsonEncodedText SubsystemKey = JsonEncodedText.Encode("SUBSYSTEM");

    /// <summary>Writes a device as a JSON object.</summary>
    /// <param name="writer">The writer.</param>
    /// <param name="view">The device.</param>
    /// <param name="action">The action of the event that it belongs to; empty outside events.</param>
    public static void Write(Utf8JsonWriter writer, in DeviceView view, ReadOnlySpan<byte> action)
    {
        var known = new KnownProperties(view.Properties);
        writer.WriteStartObject();
        Text(writer, Devpath, view.Path);
        writer.WriteString(Subsystem, view.Subsystem);
        if (known.HasDevType)
            Text(writer, Devtype, known.DevType);
        Text(writer, Sysname, DevPaths.SysName(view.Path));
        if (known.HasDevName)
            WriteNode(writer, known.DevName);
        if (known.HasDriver)
            Text(writer, Driver, known.Driver);
        if (!view.ParentPath.IsEmpty)
            Text(writer, Parent, view.ParentPath);
        writer.WriteBoolean(Settled, view.Findings.Settled);
        if (view.Findings.Missing is { } missing)
        {
            writer.WriteStartArray(Missing);
            foreach (var text in missing)
                writer.WriteStringValue(text);
            writer.WriteEndArray();
        }
        if (view.Findings.Rule is { } rule)
            writer.WriteString(Rule, rule);
        if (view.IsKobject)
            writer.WriteBoolean(Kobject, true);
        WriteProperties(writer, view, action, known.MayRepeat);
        Map(writer, Attributes, view.Findings.Attributes);
        Map(writer, Links, view.Findings.Links);
        writer.WriteEndObject();
    }

    // ACTION, DEVPATH and SUBSYSTEM are written as they are now: the datagram's may be a folded one's, or older than a
    // move of an ancestor.
    private static void WriteProperties(Utf8JsonWriter writer, in DeviceView view, ReadOnlySpan<byte> action, bool mayRepeat)
    {
        var ascii = Ascii.IsValid(view.Properties);
        writer.WriteStartObject(Properties);
        if (!action.IsEmpty)
            writer.WriteString(ActionKey, action);
        Text(writer, DevpathKey, view.Path);
        if (view.Subsystem.Length > 0)
            writer.WriteString(SubsystemKey, view.Subsystem);
        var entries = PropertyBlock.Entries(view.Properties);
        while (entries.MoveNext())
        {
            var entry = entries.Current;
            var equals = entry.IndexOf((byte)'=');
            var key = entry[..equals];
            if (key.SequenceEqual("ACTION"u8) || key.SequenceEqual("DEVPATH"u8) || key.SequenceEqual("SUBSYSTEM"u8))
                continue;
            if (mayRepeat && PropertyBlock.IsOverridden(entry, entries.Rest))
                continue;
            if (ascii)
                writer.WriteString(key, entry[(equals + 1)..]);
            else
                Text(writer, key, entry[(equals + 1)..]);
        }
        writer.WriteEndObject();
    }

    // DEVNAME is below /dev, unless a driver says otherwise (device_get_devnode()).
    private static void WriteNode(Utf8JsonWriter writer, ReadOnlySpan<byte> name)
    {
        if (name.StartsWith("/"u8))
        {
            Text(writer, Devnode, name);
            return;
        }
        Span<byte> path = stackalloc byte[128];
        path = name.Length + 5 <= path.Length ? path[..(name.Length + 5)] : new byte[name.Length + 5];
        "/dev/"u8.CopyTo(path);
        name.CopyTo(path[5..]);
        Text(writer, Devnode, path);
    }

    private static void Map(Utf8JsonWriter writer, JsonEncodedText name, IReadOnlyList<KeyValuePair<string, string>>? values)
    {
        if (values is null)
            return;
        writer.WriteStartObject(name);
        foreach (var (key, value) in values)
            writer.WriteString(key, value);
        writer.WriteEndObject();
    }

    private static void Text(Utf8JsonWriter writer, JsonEncodedText name, ReadOnlySpan<byte> value)
    {
        if (Utf8.IsValid(value))
            writer.WriteString(name, value);
        else
            writer.WriteString(name, KernelText.Decode(value));
    }

    private static void Text(Utf8JsonWriter writer, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (!Utf8.IsValid(name) || !Utf8.IsValid(value))
            writer.WriteString(KernelText.Decode(name), KernelText.Decode(value));
        else
            writer.WriteString(name, value);
    }
}
