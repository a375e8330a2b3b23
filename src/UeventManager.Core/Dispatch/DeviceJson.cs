using System.Text.Unicode;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Dispatch;

/// <summary>Writes the type <c>Device</c> of interface org.ueventmanager.Devices.</summary>
internal static class DeviceJson
{
    /// <summary>Writes a device as a JSON object.</summary>
    /// <param name="to">Where to.</param>
    /// <param name="view">The device.</param>
    /// <param name="action">The action of the event that it belongs to; empty outside events.</param>
    public static void Write(ByteBuffer to, in DeviceView view, ReadOnlySpan<byte> action)
    {
        var outline = view.Outline;
        to.Append("{\"devpath\":"u8);
        to.Quoted(view.Path);
        to.Raw(",\"rawDevpath\":"u8, view.Path);
        to.Append(",\"subsystem\":"u8);
        to.Quoted(view.Subsystem);
        if (outline.DevType.Exists)
        {
            to.Append(",\"devtype\":"u8);
            to.Quoted(outline.DevType.Of(view.Properties));
        }
        to.Append(",\"sysname\":"u8);
        to.Quoted(DevPaths.SysName(view.Path));
        if (outline.DevName.Exists)
            WriteNode(to, outline.DevName.Of(view.Properties));
        if (outline.Driver.Exists)
        {
            to.Append(",\"driver\":"u8);
            to.Quoted(outline.Driver.Of(view.Properties));
        }
        if (!view.ParentPath.IsEmpty)
        {
            to.Append(",\"parent\":"u8);
            to.Quoted(view.ParentPath);
        }
        WriteFindings(to, view);
        WriteProperties(to, view, action, outline);
        Map(to, ",\"attributes\":{"u8, view.Findings.Attributes);
        Map(to, ",\"links\":{"u8, view.Findings.Links);
        to.Append((byte)'}');
    }

    private static void WriteFindings(ByteBuffer to, in DeviceView view)
    {
        to.Append(",\"settled\":"u8);
        to.Bool(view.Findings.Settled);
        if (view.Findings.Missing is { } missing)
        {
            to.Append(",\"missing\":["u8);
            for (var i = 0; i < missing.Count; i++)
            {
                if (i > 0)
                    to.Append((byte)',');
                to.Quoted(missing[i]);
            }
            to.Append((byte)']');
        }
        if (view.Findings.Rule is { } rule)
        {
            to.Append(",\"rule\":"u8);
            to.Quoted(rule);
        }
        if (view.IsKobject)
            to.Append(",\"kobject\":true"u8);
    }

    // ACTION, DEVPATH and SUBSYSTEM are written as they are now: the datagram's may be a folded one's, or older than a
    // move of an ancestor.
    private static void WriteProperties(ByteBuffer to, in DeviceView view, ReadOnlySpan<byte> action, in PropertyOutline outline)
    {
        to.Append(",\"properties\":{"u8);
        if (!action.IsEmpty)
        {
            to.Append("\"ACTION\":"u8);
            to.Quoted(action);
            to.Append((byte)',');
        }
        to.Append("\"DEVPATH\":"u8);
        to.Quoted(view.Path);
        if (view.Subsystem.Length > 0)
        {
            to.Append(",\"SUBSYSTEM\":"u8);
            to.Quoted(view.Subsystem);
        }
        var entries = new PropertyScanner(view.Properties);
        while (entries.MoveNext())
        {
            if (!IsWritten(entries, view, outline))
                continue;
            if (outline.IsPlain)
                WritePlain(to, entries);
            else
                WriteOdd(to, entries);
        }
        to.Append((byte)'}');
        if (!outline.IsPlain && !Utf8.IsValid(view.Properties))
            WriteRaw(to, view, outline);
    }

    private static bool IsWritten(in PropertyScanner entry, in DeviceView view, in PropertyOutline outline)
    {
        if (entry.Equal < 0 || PropertyKeys.Of(entry.Key) is PropertyKey.Action or PropertyKey.DevPath or PropertyKey.Subsystem)
            return false;
        return !outline.Repeats || !PropertyBlock.IsOverridden(view.Properties[entry.Start..entry.End], view.Properties[Math.Min(entry.End + 1, view.Properties.Length)..]);
    }

    // A text with \xNN may stand for a byte or for those four characters, so the bytes are written too.
    private static void WriteRaw(ByteBuffer to, in DeviceView view, in PropertyOutline outline)
    {
        var raw = new ByteBuffer(view.Properties.Length + 1);
        var entries = new PropertyScanner(view.Properties);
        while (entries.MoveNext())
        {
            if (!IsWritten(entries, view, outline))
                continue;
            raw.Append(view.Properties[entries.Start..entries.End]);
            raw.Append((byte)0);
        }
        to.Base64(",\"rawProperties\":"u8, raw.Written);
    }

    private static void WritePlain(ByteBuffer to, in PropertyScanner entry)
    {
        var key = entry.Key;
        var value = entry.Value;
        var room = to.Room(key.Length + value.Length + 6);
        room[0] = (byte)',';
        room[1] = (byte)'"';
        key.CopyTo(room[2..]);
        room = room[(key.Length + 2)..];
        room[0] = (byte)'"';
        room[1] = (byte)':';
        room[2] = (byte)'"';
        value.CopyTo(room[3..]);
        room[value.Length + 3] = (byte)'"';
        to.Advance(key.Length + value.Length + 6);
    }

    // If the key or the value is not valid UTF-8, each byte that is not becomes \xNN.
    private static void WriteOdd(ByteBuffer to, in PropertyScanner entry)
    {
        to.Append((byte)',');
        to.Quoted(entry.Key);
        to.Append((byte)':');
        to.Quoted(entry.Value);
    }

    // DEVNAME is below /dev, unless a driver says otherwise (device_get_devnode()).
    private static void WriteNode(ByteBuffer to, ReadOnlySpan<byte> name)
    {
        to.Append(",\"devnode\":"u8);
        if (name.StartsWith("/"u8))
        {
            to.Quoted(name);
            return;
        }
        Span<byte> path = stackalloc byte[128];
        path = name.Length + 5 <= path.Length ? path[..(name.Length + 5)] : new byte[name.Length + 5];
        "/dev/"u8.CopyTo(path);
        name.CopyTo(path[5..]);
        to.Quoted(path);
    }

    private static void Map(ByteBuffer to, ReadOnlySpan<byte> start, IReadOnlyList<KeyValuePair<string, string>>? values)
    {
        if (values is null)
            return;
        to.Append(start);
        for (var i = 0; i < values.Count; i++)
        {
            if (i > 0)
                to.Append((byte)',');
            to.Quoted(values[i].Key);
            to.Append((byte)':');
            to.Quoted(values[i].Value);
        }
        to.Append((byte)'}');
    }
}
