using System.Buffers;
using System.Text;
using System.Text.Json;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Dispatch;

/// <summary>An event as it is kept, read again: what a filter asks, and where its action stands, which a replay may have to replace.</summary>
internal sealed class EventText
{
    private readonly ArrayBufferWriter<byte> _block = new(1024);
    private Range _action;
    private Range _actionProperty;

    /// <summary>The action.</summary>
    public UeventAction Action { get; private set; }

    /// <summary>The devpath.</summary>
    public byte[] Path { get; private set; } = [];

    /// <summary>The devpath before, of a move that says one.</summary>
    public byte[]? OldPath { get; private set; }

    /// <summary>SUBSYSTEM.</summary>
    public string Subsystem { get; private set; } = "";

    /// <summary>The properties as the kernel's block; valid until the next one is read.</summary>
    public ReadOnlySpan<byte> Properties => _block.WrittenSpan;

    /// <summary>True if its action stands at both places where every event of ours has it.</summary>
    public bool IsWhole => Path.Length > 0 && _action.End.Value > 0 && _actionProperty.Start.Value > _action.End.Value;

    /// <summary>Reads the first of some events with commas between, and goes on behind it.</summary>
    /// <param name="events">What is left.</param>
    /// <param name="text">The event.</param>
    /// <returns>False if there is none left.</returns>
    public bool TryRead(ref ReadOnlySpan<byte> events, out ReadOnlySpan<byte> text)
    {
        text = default;
        if (events.IsEmpty)
            return false;
        _block.ResetWrittenCount();
        (Path, OldPath, Subsystem, _action, _actionProperty) = ([], null, "", default, default);
        var reader = new Utf8JsonReader(events, isFinalBlock: true, default);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            ReadMember(ref reader);
        var length = (int)reader.BytesConsumed;
        text = events[..length];
        events = events.Length > length ? events[(length + 1)..] : default;
        return true;
    }

    /// <summary>Writes the event that was read last with another action.</summary>
    public void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> text, UeventAction action)
    {
        if (action == Action)
        {
            output.Write(text);
            return;
        }
        var end = 0;
        foreach (var range in (ReadOnlySpan<Range>)[_action, _actionProperty])
        {
            output.Write(text[end..range.Start.Value]);
            output.Write(action.Utf8());
            end = range.End.Value;
        }
        output.Write(text[end..]);
    }

    private void ReadMember(ref Utf8JsonReader reader)
    {
        var (isAction, isDevice, isOld) = (reader.ValueTextEquals("action"u8), reader.ValueTextEquals("device"u8), reader.ValueTextEquals("oldDevpath"u8));
        reader.Read();
        if (isAction)
        {
            _action = Inside(reader);
            _ = UeventActions.TryParse(reader.ValueSpan, out var action);
            Action = action;
        }
        else if (isOld)
        {
            OldPath = Encoding.UTF8.GetBytes(reader.GetString()!);
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
        reader.Read();
        if (isPath)
            Path = Encoding.UTF8.GetBytes(reader.GetString()!);
        else if (isSubsystem)
            Subsystem = reader.GetString()!;
        else if (isProperties)
            ReadProperties(ref reader);
        else
            reader.Skip();
    }

    private void ReadProperties(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isAction = reader.ValueTextEquals("ACTION"u8);
            Copy(reader);
            _block.Write("="u8);
            reader.Read();
            if (isAction)
                _actionProperty = Inside(reader);
            Copy(reader);
            _block.Write("\0"u8);
        }
    }

    private void Copy(in Utf8JsonReader reader)
    {
        // Unescaped, a text is never longer.
        var span = _block.GetSpan(reader.ValueSpan.Length + 1);
        _block.Advance(reader.CopyString(span));
    }

    private static Range Inside(in Utf8JsonReader reader) => ((int)reader.TokenStartIndex + 1)..((int)reader.TokenStartIndex + 1 + reader.ValueSpan.Length);
}
