using System.Buffers.Binary;
using UeventManager.Core.Ordering;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Dispatch;

/// <summary>
/// What the ring keeps of an event beside its text, so that a filter which devices enter and leave can be replayed: which device it was, and its own
/// properties before and after where the text does not tell them. One for each event of an entry: a byte of flags, the device's number (seven
/// bits a byte, least significant first; 0 for no device), and those of the two blocks that the flags name, each behind its length (4 bytes).
/// </summary>
internal ref struct EventNotes(ReadOnlySpan<byte> notes)
{
    private const byte WithBefore = 1;
    private const byte WithAfter = 2;
    private ReadOnlySpan<byte> _rest = notes;

    /// <summary>The device's number; 0 for other kobjects.</summary>
    public long DeviceId { get; private set; }

    /// <summary>True if <see cref="Before"/> is not what the event itself says.</summary>
    public bool HasBefore { get; private set; }

    /// <summary>The device's own properties before the event.</summary>
    public ReadOnlySpan<byte> Before { get; private set; }

    /// <summary>True if <see cref="After"/> is not what the event itself says.</summary>
    public bool HasAfter { get; private set; }

    /// <summary>The device's own properties after the event: without variables of one shot.</summary>
    public ReadOnlySpan<byte> After { get; private set; }

    /// <summary>True if there are no more.</summary>
    public readonly bool IsAtEnd => _rest.IsEmpty;

    /// <summary>Writes the notes of one event.</summary>
    public static void Write(ByteBuffer output, PendingEvent released, Device? device)
    {
        var (before, after) = device is null ? (null, null) : (released.Before, released.Own);
        var head = output.Room(11);
        var used = 0;
        head[used++] = (byte)((before is null ? 0 : WithBefore) | (after is null ? 0 : WithAfter));
        var id = (ulong)(device?.Id ?? 0);
        for (; id >= 0x80; id >>= 7)
            head[used++] = (byte)(id | 0x80);
        head[used++] = (byte)id;
        output.Advance(used);
        Write(output, before);
        Write(output, after);
    }

    /// <summary>Goes on to the next event of the entry.</summary>
    public void MoveNext()
    {
        var flags = _rest[0];
        var used = 1;
        DeviceId = 0;
        for (var shift = 0; ; shift += 7)
        {
            var one = _rest[used++];
            DeviceId |= (long)(one & 0x7F) << shift;
            if (one < 0x80)
                break;
        }
        _rest = _rest[used..];
        HasBefore = (flags & WithBefore) != 0;
        HasAfter = (flags & WithAfter) != 0;
        Before = HasBefore ? Block() : default;
        After = HasAfter ? Block() : default;
    }

    private ReadOnlySpan<byte> Block()
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(_rest);
        var block = _rest.Slice(4, length);
        _rest = _rest[(4 + length)..];
        return block;
    }

    private static void Write(ByteBuffer output, PropertyBuffer? block)
    {
        if (block is null)
            return;
        BinaryPrimitives.WriteInt32LittleEndian(output.Room(4), block.Span.Length);
        output.Advance(4);
        output.Append(block.Span);
    }
}
