using System.Buffers;
using System.Text;
using System.Text.Json;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Dispatch;

/// <summary>
/// Parses a stored event: the values that filters need, and the places in the text that must change for a subscriber that knows the device under its
/// old name, or does not know it.
/// </summary>
internal sealed class EventText
{
    private static readonly byte[] Some = [(byte)'/'];
    private readonly ArrayBufferWriter<byte> _block = new(1024);
    private Range _action;
    private Range _path;
    private Range _sysName;
    private Range _parent;
    private Range _actionProperty;
    private Range _pathProperty;
    private Range _old;
    private Range _oldMember;
    private Range _rawPath;
    private Range _rawOld;

    private static Range Nowhere => 0..0;

    /// <summary>True to check the text without keeping values, for the sixty thousand events of a restored ring.</summary>
    public bool OnlyChecks { get; init; }

    /// <summary>The action.</summary>
    public UeventAction Action { get; private set; }

    /// <summary>The devpath.</summary>
    public byte[] Path { get; private set; } = [];

    /// <summary>The old devpath, for a move.</summary>
    public byte[]? OldPath { get; private set; }

    /// <summary>The attached attributes; null if none.</summary>
    public IReadOnlyList<KeyValuePair<string, string>>? Attributes { get; private set; }

    /// <summary>SUBSYSTEM.</summary>
    public string Subsystem { get; private set; } = "";

    /// <summary>The properties in the kernel's format; valid until the next event is read.</summary>
    public ReadOnlySpan<byte> Properties => _block.WrittenSpan;

    /// <summary>True if the action is at both places where every event of this program has it.</summary>
    public bool IsWhole => Path.Length > 0 && _action.End.Value > 0 && _actionProperty.Start.Value > _action.End.Value;

    /// <summary>Reads the first of some events, which commas separate, and advances to the next.</summary>
    /// <param name="events">The remaining events.</param>
    /// <param name="text">The event.</param>
    /// <returns>False at the end.</returns>
    public bool TryRead(ref ReadOnlySpan<byte> events, out ReadOnlySpan<byte> text)
    {
        text = default;
        if (events.IsEmpty)
            return false;
        _block.ResetWrittenCount();
        (Path, OldPath, Subsystem, Attributes) = ([], null, "", null);
        _action = _path = _sysName = _parent = _actionProperty = _pathProperty = _old = _oldMember = _rawPath = _rawOld = Nowhere;
        var reader = new Utf8JsonReader(events, isFinalBlock: true, default);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            ReadMember(ref reader);
        var length = (int)reader.BytesConsumed;
        text = events[..length];
        events = events.Length > length ? events[(length + 1)..] : default;
        return true;
    }

    /// <summary>Writes the last event with another action; without action move it has no old path.</summary>
    public void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> text, UeventAction action)
    {
        if (action == Action)
        {
            output.Write(text);
            return;
        }
        var end = Replace(output, text, 0, _action, action.Utf8());
        end = Replace(output, text, end, _actionProperty, action.Utf8());
        end = Replace(output, text, end, _oldMember, default);
        output.Write(text[end..]);
    }

    /// <summary>Writes the last event, a move, as the remove of the device at its old place.</summary>
    /// <param name="output">Receives the text.</param>
    /// <param name="text">The event's text.</param>
    /// <param name="oldParent">The parent at the old place; empty for none.</param>
    public void WriteRemoveOfOld(IBufferWriter<byte> output, ReadOnlySpan<byte> text, ReadOnlySpan<byte> oldParent)
    {
        var old = text[_old];
        var parent = new ByteBuffer();
        if (!oldParent.IsEmpty)
        {
            parent.Append(",\"parent\":"u8);
            parent.Quoted(oldParent);
        }
        var raw = new ByteBuffer();
        if (!_rawOld.Equals(Nowhere))
        {
            raw.Append(",\"rawDevpath\":\""u8);
            raw.Append(text[_rawOld]);
            raw.Append((byte)'"');
        }
        var remove = UeventAction.Remove.Utf8();
        var end = Replace(output, text, 0, _action, remove);
        end = Replace(output, text, end, _path, old);
        end = Replace(output, text, end, _rawPath, raw.Written);
        // An escape sequence contains no slash.
        end = Replace(output, text, end, _sysName, old[(old.LastIndexOf((byte)'/') + 1)..]);
        end = Replace(output, text, end, _parent, parent.Written);
        end = Replace(output, text, end, _actionProperty, remove);
        end = Replace(output, text, end, _pathProperty, old);
        end = Replace(output, text, end, _oldMember, default);
        output.Write(text[end..]);
    }

    private static int Replace(IBufferWriter<byte> output, ReadOnlySpan<byte> text, int from, Range range, ReadOnlySpan<byte> by)
    {
        // A part that the event lacks has the range Nowhere.
        if (range.Start.Value < from)
            return from;
        output.Write(text[from..range.Start.Value]);
        output.Write(by);
        return range.End.Value;
    }

    private void ReadMember(ref Utf8JsonReader reader)
    {
        var (isAction, isDevice, isOld) = (reader.ValueTextEquals("action"u8), reader.ValueTextEquals("device"u8), reader.ValueTextEquals("oldDevpath"u8));
        var isRawOld = !_old.Equals(Nowhere) && reader.ValueTextEquals("rawOldDevpath"u8);
        var comma = (int)reader.TokenStartIndex - 1;
        reader.Read();
        if (isAction)
        {
            _action = Inside(reader);
            _ = UeventActions.TryParse(reader.ValueSpan, out var action);
            Action = action;
        }
        else if (isOld)
        {
            OldPath = PathOf(reader);
            _old = Inside(reader);
            _oldMember = comma..(int)reader.BytesConsumed;
        }
        else if (isRawOld)
        {
            // rawOldDevpath follows oldDevpath, and both are cut out together.
            (_rawOld, _oldMember) = (Inside(reader), _oldMember.Start..(int)reader.BytesConsumed);
        }
        else if (isDevice)
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                ReadDeviceMember(ref reader);
        }
        else
        {
            reader.Skip();
        }
    }

    private void ReadDeviceMember(ref Utf8JsonReader reader)
    {
        var (isPath, isSubsystem, isProperties) = (reader.ValueTextEquals("devpath"u8), reader.ValueTextEquals("subsystem"u8), reader.ValueTextEquals("properties"u8));
        var name = reader.ValueSpan;
        var isAttributes = name.SequenceEqual("attributes"u8);
        var comma = (int)reader.TokenStartIndex - 1;
        reader.Read();
        Place(reader, name, comma);
        if (isPath)
            Path = PathOf(reader);
        else if (isSubsystem)
            Subsystem = OnlyChecks ? Check(reader) : reader.GetString()!;
        else if (isProperties)
            ReadProperties(ref reader);
        else if (isAttributes && !OnlyChecks && reader.TokenType == JsonTokenType.StartObject)
            Attributes = ReadAttributes(ref reader);
        else
            reader.Skip();
    }

    private static List<KeyValuePair<string, string>> ReadAttributes(ref Utf8JsonReader reader)
    {
        var found = new List<KeyValuePair<string, string>>();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var path = reader.GetString()!;
            reader.Read();
            found.Add(new(path, reader.GetString() ?? ""));
        }
        return found;
    }

    private void Place(in Utf8JsonReader reader, ReadOnlySpan<byte> name, int comma)
    {
        if (name.SequenceEqual("devpath"u8))
            (_path, _rawPath) = (Inside(reader), (int)reader.BytesConsumed..(int)reader.BytesConsumed); // Where the other one would be.
        else if (name.SequenceEqual("rawDevpath"u8))
            _rawPath = comma..(int)reader.BytesConsumed;
        else if (name.SequenceEqual("sysname"u8))
            _sysName = Inside(reader);
        else if (name.SequenceEqual("parent"u8))
            _parent = comma..(int)reader.BytesConsumed;
        else if (name.SequenceEqual("settled"u8) && _parent.Equals(Nowhere))
            _parent = comma..comma; // It has none; this is where it would be.
    }

    private void ReadProperties(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isAction, isPath) = (reader.ValueTextEquals("ACTION"u8), reader.ValueTextEquals("DEVPATH"u8));
            Copy(reader);
            _block.Write("="u8);
            reader.Read();
            if (isAction)
                _actionProperty = Inside(reader);
            else if (isPath)
                _pathProperty = Inside(reader);
            Copy(reader);
            _block.Write("\0"u8);
        }
    }

    private byte[] PathOf(in Utf8JsonReader reader)
    {
        if (!OnlyChecks)
            return Encoding.UTF8.GetBytes(reader.GetString()!);
        Check(reader);
        return reader.ValueSpan.IsEmpty ? [] : Some;
    }

    private static string Check(in Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String)
            throw new JsonException("a value is not a text");
        // Only decoding finds an escaped half of a surrogate pair.
        return reader.ValueIsEscaped ? reader.GetString()! : "";
    }

    private void Copy(in Utf8JsonReader reader)
    {
        if (OnlyChecks && !reader.ValueIsEscaped && reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.String)
            return; // CopyString would accept this text.
        // Decoding never makes a text longer.
        var span = _block.GetSpan(reader.ValueSpan.Length + 1);
        _block.Advance(reader.CopyString(span));
    }

    private static Range Inside(in Utf8JsonReader reader) => ((int)reader.TokenStartIndex + 1)..((int)reader.TokenStartIndex + 1 + reader.ValueSpan.Length);
}
