using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using UeventManager.Core.Dispatch;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Forwarding;

/// <summary>
/// An event, or a device of a state, from a reply of the daemon: texts in one buffer, properties in the kernel's form. The memory is reused for the
/// next one.
/// </summary>
public sealed class ForwardedEvent
{
    private readonly ByteBuffer _texts = new(1024);
    private readonly ByteBuffer _properties = new(1024);
    private Piece _action;
    private Piece _path;
    private Piece _subsystem;
    private Piece _devType;
    private Piece _devNode;
    private Piece _driver;
    private Piece _oldPath;

    /// <summary>The action; empty in a state.</summary>
    public ReadOnlySpan<byte> Action => Of(_action);

    /// <summary>The devpath.</summary>
    public ReadOnlySpan<byte> DevPath => Of(_path);

    /// <summary>The subsystem.</summary>
    public ReadOnlySpan<byte> Subsystem => Of(_subsystem);

    /// <summary>The devtype; empty if it has none.</summary>
    public ReadOnlySpan<byte> DevType => Of(_devType);

    /// <summary>The absolute path of its node; empty if it has none.</summary>
    public ReadOnlySpan<byte> DevNode => Of(_devNode);

    /// <summary>The driver; empty if it has none.</summary>
    public ReadOnlySpan<byte> Driver => Of(_driver);

    /// <summary>The devpath before a move; empty for any other action.</summary>
    public ReadOnlySpan<byte> OldDevPath => Of(_oldPath);

    /// <summary>The properties, <c>KEY=VALUE\0…</c>. Pairs that clients of libudev would reject (an empty key, a NUL) are left out.</summary>
    public ReadOnlySpan<byte> Properties => _properties.Written;

    /// <summary>The SEQNUM; 0 if the kernel did not send the event.</summary>
    public long Seqnum { get; private set; }

    /// <summary>False if it was announced unsettled.</summary>
    public bool IsSettled { get; private set; }

    /// <summary>True for a kobject that is not a device.</summary>
    public bool IsKobject { get; private set; }

    /// <summary>Reads a device. The reader stands at the object's <c>{</c>, and afterwards at its <c>}</c>.</summary>
    internal void ReadDevice(ref Utf8JsonReader json)
    {
        Clear();
        ReadMembers(ref json);
    }

    /// <summary>Reads an event.</summary>
    /// <param name="json">Stands at the object's <c>{</c>, and afterwards at its <c>}</c>.</param>
    /// <param name="cursor">Receives the event's cursor.</param>
    internal void ReadEvent(ref Utf8JsonReader json, ByteBuffer cursor)
    {
        Clear();
        while (NextMember(ref json))
        {
            if (json.ValueTextEquals("device"u8))
            {
                json.Read();
                ReadMembers(ref json);
            }
            else if (json.ValueTextEquals("action"u8))
            {
                _action = Text(ref json);
            }
            else if (json.ValueTextEquals("cursor"u8))
            {
                json.Read();
                cursor.Clear();
                Copy(ref json, cursor);
            }
            else if (json.ValueTextEquals("oldDevpath"u8))
            {
                _oldPath = Text(ref json);
            }
            else if (json.ValueTextEquals("rawOldDevpath"u8))
            {
                _oldPath = Raw(ref json) ?? _oldPath;
            }
            else if (json.ValueTextEquals("seqnum"u8))
            {
                json.Read();
                Seqnum = json.TokenType == JsonTokenType.Number ? json.GetInt64() : 0;
            }
            else
            {
                json.Skip();
            }
        }
    }

    /// <summary>Copies the string at the reader's position; any other value is ignored.</summary>
    internal static void Copy(ref Utf8JsonReader json, ByteBuffer to)
    {
        if (json.TokenType != JsonTokenType.String && json.TokenType != JsonTokenType.PropertyName)
            json.Skip();
        else if (json.ValueIsEscaped)
            to.Advance(json.CopyString(to.Room(json.ValueSpan.Length)));
        else
            to.Append(json.ValueSpan);
    }

    // Moves to the next member's name; false at the end of the object.
    private static bool NextMember(ref Utf8JsonReader json) => json.Read() && json.TokenType == JsonTokenType.PropertyName;

    private void Clear()
    {
        _texts.Clear();
        // No text begins at 0, so that Piece.Exists can use 0 for "none".
        _texts.Append((byte)0);
        _properties.Clear();
        (_action, _path, _subsystem, _devType, _devNode, _driver, _oldPath) = (default, default, default, default, default, default, default);
        (Seqnum, IsSettled, IsKobject) = (0, false, false);
    }

    private void ReadMembers(ref Utf8JsonReader json)
    {
        var hasRaw = false;
        while (NextMember(ref json))
        {
            if (json.ValueTextEquals("properties"u8))
                ReadProperties(ref json);
            else if (json.ValueTextEquals("devpath"u8))
                _path = Text(ref json);
            else if (json.ValueTextEquals("subsystem"u8))
                _subsystem = Text(ref json);
            else if (json.ValueTextEquals("settled"u8))
                IsSettled = json.Read() && json.TokenType == JsonTokenType.True;
            else if (json.ValueTextEquals("devtype"u8))
                _devType = Text(ref json);
            else if (json.ValueTextEquals("devnode"u8))
                _devNode = Text(ref json);
            else if (json.ValueTextEquals("driver"u8))
                _driver = Text(ref json);
            else if (json.ValueTextEquals("kobject"u8))
                IsKobject = json.Read() && json.TokenType == JsonTokenType.True;
            else if (json.ValueTextEquals("rawDevpath"u8))
                _path = Raw(ref json) ?? _path;
            else if (json.ValueTextEquals("rawProperties"u8))
                hasRaw |= ReadRaw(ref json);
            else
                json.Skip();
        }
        if (hasRaw)
            TakeNames();
    }

    // The kernel's bytes in place of the text.
    private bool ReadRaw(ref Utf8JsonReader json)
    {
        if (Raw(ref json) is not { } raw)
            return false;
        _properties.Clear();
        foreach (var entry in PropertyBlock.Entries(raw.Of(_texts.Written)))
        {
            if (entry.IndexOf((byte)'=') <= 0)
                continue;
            _properties.Append(entry);
            _properties.Append((byte)0);
        }
        return true;
    }

    // Members that are properties too.
    private void TakeNames()
    {
        if (PropertyBlock.TryGet(Properties, "DEVTYPE"u8, out var type))
            _devType = Text(default, type);
        if (PropertyBlock.TryGet(Properties, "DRIVER"u8, out var driver))
            _driver = Text(default, driver);
        if (PropertyBlock.TryGet(Properties, "DEVNAME"u8, out var name))
            _devNode = Text(name.StartsWith("/"u8) ? default : "/dev/"u8, name);
    }

    private void ReadProperties(ref Utf8JsonReader json)
    {
        json.Read();
        if (json.TokenType != JsonTokenType.StartObject)
            return;
        while (NextMember(ref json))
        {
            int start = _properties.Length;
            Copy(ref json, _properties);
            int key = _properties.Length;
            _properties.Append((byte)'=');
            json.Read();
            Copy(ref json, _properties);
            var entry = _properties.Written[start..];
            if (key == start || entry[..(key - start)].IndexOf((byte)'=') >= 0 || entry.IndexOf((byte)0) >= 0)
                _properties.Truncate(start);
            else
                _properties.Append((byte)0);
        }
    }

    private Piece Text(ref Utf8JsonReader json)
    {
        json.Read();
        var start = _texts.Length;
        Copy(ref json, _texts);
        return new Piece(start, _texts.Length - start);
    }

    private Piece Text(ReadOnlySpan<byte> start, ReadOnlySpan<byte> rest)
    {
        var piece = new Piece(_texts.Length, start.Length + rest.Length);
        _texts.Append(start);
        _texts.Append(rest);
        return piece;
    }

    // Bytes in base64; null of anything else.
    private Piece? Raw(ref Utf8JsonReader json)
    {
        json.Read();
        if (json.TokenType != JsonTokenType.String)
        {
            json.Skip();
            return null;
        }
        int start = _texts.Length;
        if (Base64.DecodeFromUtf8(json.ValueSpan, _texts.Room(json.ValueSpan.Length), out _, out var length) != OperationStatus.Done)
            return null;
        _texts.Advance(length);
        return new Piece(start, length);
    }

    private ReadOnlySpan<byte> Of(Piece piece) => piece.Exists ? piece.Of(_texts.Written) : default;
}
