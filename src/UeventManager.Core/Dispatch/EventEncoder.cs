using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using UeventManager.Core.Ordering;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Dispatch;

/// <summary>Encodes events and devices with one writer and one buffer, used again for each.</summary>
public sealed class EventEncoder : IDisposable
{
    private static readonly JsonWriterOptions Options = new() { SkipValidation = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly ArrayBufferWriter<byte> _buffer = new(1024);
    private readonly Utf8JsonWriter _writer;

    /// <summary>Makes an encoder.</summary>
    public EventEncoder() => _writer = new Utf8JsonWriter(_buffer, Options);

    /// <summary>Encodes one event; valid until the next call.</summary>
    /// <param name="cursor">Its cursor.</param>
    /// <param name="released">The event.</param>
    /// <param name="device">Its device; null for other kobjects.</param>
    /// <param name="action">The action as the subscriber shall see it.</param>
    /// <param name="settledUsec">When it was released, CLOCK_MONOTONIC microseconds.</param>
    public ReadOnlySpan<byte> Event(Cursor cursor, PendingEvent released, Device? device, UeventAction action, long settledUsec)
    {
        Begin();
        _writer.WriteStartObject();
        Span<byte> text = stackalloc byte[Cursor.MaxLength];
        _writer.WriteString("cursor"u8, text[..cursor.Format(text)]);
        _writer.WriteString("action"u8, action.Utf8());
        _writer.WritePropertyName("device"u8);
        DeviceJson.Write(_writer, DeviceView.Of(released, device), action.Utf8());
        if (released.OldDevPath is { } old)
            _writer.WriteString("oldDevpath"u8, old);
        if (released.Seqnum > 0)
            _writer.WriteNumber("seqnum"u8, released.Seqnum);
        _writer.WriteBoolean("synthetic"u8, released.Synthetic);
        if (released.Transaction is { } transaction)
        {
            _writer.WriteStartObject("group"u8);
            _writer.WriteString("id"u8, transaction.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));
            _writer.WriteNumber("size"u8, transaction.Size);
            _writer.WriteBoolean("partial"u8, transaction.IsPartial);
            _writer.WriteEndObject();
        }
        _writer.WriteNumber("arrivedUsec"u8, released.ArrivedUsec);
        _writer.WriteNumber("settledUsec"u8, settledUsec);
        _writer.WriteEndObject();
        _writer.Flush();
        return _buffer.WrittenSpan;
    }

    /// <summary>Encodes one device; valid until the next call.</summary>
    public ReadOnlySpan<byte> Device(in DeviceView view)
    {
        Begin();
        DeviceJson.Write(_writer, view, default);
        _writer.Flush();
        return _buffer.WrittenSpan;
    }

    /// <inheritdoc/>
    public void Dispose() => _writer.Dispose();

    private void Begin()
    {
        _buffer.ResetWrittenCount();
        _writer.Reset();
    }
}
