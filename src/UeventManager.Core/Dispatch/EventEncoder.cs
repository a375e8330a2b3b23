using System.Globalization;
using System.Text;
using UeventManager.Core.Ordering;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Dispatch;

/// <summary>Encodes events and devices (the types of interface org.ueventmanager.Devices) into one buffer that is reused.</summary>
public sealed class EventEncoder
{
    private readonly ByteBuffer _buffer = new(1024);
    private byte[] _start = [];
    private ulong _epoch;

    /// <summary>CLOCK_REALTIME in microseconds, for the events encoded from now on.</summary>
    public long RealtimeUsec { get; set; }

    /// <summary>Encodes one event; valid until the next call.</summary>
    /// <param name="cursor">Its cursor.</param>
    /// <param name="released">The event.</param>
    /// <param name="view">The device at the time of the event.</param>
    /// <param name="action">The action that the subscriber sees.</param>
    /// <param name="settledUsec">The time of release, in CLOCK_MONOTONIC microseconds.</param>
    public ReadOnlySpan<byte> Event(Cursor cursor, PendingEvent released, scoped in DeviceView view, UeventAction action, long settledUsec)
    {
        var to = _buffer;
        to.Clear();
        WriteCursor(cursor);
        to.Append(",\"action\":"u8);
        to.Quoted(action.Utf8());
        to.Append(",\"device\":"u8);
        DeviceJson.Write(to, view, action.Utf8());
        if (!released.OldDevPath.IsEmpty)
        {
            to.Append(",\"oldDevpath\":"u8);
            to.Quoted(released.OldDevPath.Span);
            to.Raw(",\"rawOldDevpath\":"u8, released.OldDevPath.Span);
        }
        if (released.Seqnum > 0)
        {
            to.Append(",\"seqnum\":"u8);
            to.Number(released.Seqnum);
        }
        to.Append(",\"synthetic\":"u8);
        to.Bool(released.Synthetic);
        if (released.Transaction is { } transaction)
            WriteGroup(transaction);
        to.Append(",\"arrivedUsec\":"u8);
        to.Number(released.ArrivedUsec);
        to.Append(",\"settledUsec\":"u8);
        to.Number(settledUsec);
        to.Append(",\"realtimeUsec\":"u8);
        to.Number(RealtimeUsec);
        to.Append((byte)'}');
        return to.Written;
    }

    /// <summary>Encodes one device; valid until the next call.</summary>
    public ReadOnlySpan<byte> Device(in DeviceView view)
    {
        _buffer.Clear();
        DeviceJson.Write(_buffer, view, default);
        return _buffer.Written;
    }

    // One run has one epoch, so the beginning of the cursor is cached.
    private void WriteCursor(Cursor cursor)
    {
        if (_start.Length == 0 || cursor.Epoch != _epoch)
        {
            _epoch = cursor.Epoch;
            _start = Encoding.ASCII.GetBytes($"{{\"cursor\":\"{cursor.ToString()[..Cursor.NumberAt]}");
        }
        _buffer.Append(_start);
        _buffer.Number(cursor.Number);
        _buffer.Append((byte)'"');
    }

    private void WriteGroup(Transaction transaction)
    {
        _buffer.Append(",\"group\":{\"id\":"u8);
        _buffer.Quoted(transaction.Id.ToString(CultureInfo.InvariantCulture));
        _buffer.Append(",\"size\":"u8);
        _buffer.Number(transaction.Size);
        _buffer.Append(",\"partial\":"u8);
        _buffer.Bool(transaction.IsPartial);
        _buffer.Append((byte)'}');
    }
}
