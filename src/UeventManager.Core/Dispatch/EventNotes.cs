using System.Buffers.Binary;
using System.Text;
using UeventManager.Core.Ordering;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Dispatch;

/// <summary>
/// What the ring keeps of an event beside its text, so that a filter which devices enter and leave can be replayed: which device it was, its own
/// properties before and after where the text does not tell them, its attributes before, what is above it, and of a move the parent before and the devices below that have another path by it.
/// One for each event of an entry: a byte of flags, the device's number (seven bits a byte, least significant first; 0 for no device), and the
/// blocks that the flags name, each behind its length (4 bytes). The block of the devices below has for each its notes and, as a block, its own event.
/// </summary>
internal ref struct EventNotes(ReadOnlySpan<byte> notes)
{
    /// <summary>Most bytes of one entry's notes with which the events of devices below are still part of them.</summary>
    public const int MostBelow = 1024 * 1024;

    private const byte WithBefore = 1;
    private const byte WithAfter = 2;
    private const byte WithParent = 4;
    private const byte WithBelow = 8;
    private const byte WithTooMany = 16;
    private const byte WithAttributes = 32;
    private const byte WithAbove = 64;
    private ReadOnlySpan<byte> _rest = notes;

    /// <summary>True if nothing is left.</summary>
    public readonly bool IsAtEnd => _rest.IsEmpty;

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

    /// <summary>True if the attributes before were not those of the event.</summary>
    public bool HasAttributesBefore { get; private set; }

    /// <summary>The attributes before: path and value by turns, each behind its length (4 bytes).</summary>
    public ReadOnlySpan<byte> AttributesBefore { get; private set; }

    /// <summary>What is above the device (<see cref="Ancestry"/>).</summary>
    public ReadOnlySpan<byte> Above { get; private set; }

    /// <summary>Of a move, the devpath of the parent before; empty if there was none.</summary>
    public ReadOnlySpan<byte> OldParent { get; private set; }

    /// <summary>Of a move, the devices below.</summary>
    public ReadOnlySpan<byte> Below { get; private set; }

    /// <summary>True if those are too many to be kept.</summary>
    public bool HasTooMany { get; private set; }

    /// <summary>Writes the notes of one event.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="released">The event.</param>
    /// <param name="device">Its device; null for other kobjects.</param>
    /// <param name="encode">Encodes the event of a device below.</param>
    public static void Write(ByteBuffer output, PendingEvent released, Device? device, BelowEncoder encode)
    {
        var start = output.Length;
        var (before, after) = device is null ? (null, null) : (released.Before, released.Own);
        var isMove = device is not null && released.Action == UeventAction.Move;
        var flags = (before is null ? 0 : WithBefore) | (after is null ? 0 : WithAfter);
        byte[] above = device is null ? [] : Ancestry.Of(device);
        flags |= (device is not null && released.ChangesAttributes ? WithAttributes : 0) | (above.Length > 0 ? WithAbove : 0);
        if (isMove)
            flags |= (released.OldParentPath.IsEmpty ? 0 : WithParent) | (released.Carried is null ? 0 : WithBelow) | (released.CarriesTooMany ? WithTooMany : 0);
        WriteHead(output, (byte)flags, device);
        Write(output, before);
        Write(output, after);
        if ((flags & WithAttributes) != 0)
            WriteAttributes(output, released.AttributesBefore ?? []);
        if ((flags & WithAbove) != 0)
            Write(output, above);
        if ((flags & WithParent) != 0)
            Write(output, released.OldParentPath.Span);
        if ((flags & WithBelow) == 0 || WriteBelow(output, released.Carried!, encode))
            return;
        output.Truncate(start);
        WriteHead(output, (byte)((flags & ~(WithBelow | WithBefore | WithAfter | WithParent | WithAttributes | WithAbove)) | WithTooMany), device);
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
        HasTooMany = (flags & WithTooMany) != 0;
        Before = HasBefore ? Block() : default;
        After = HasAfter ? Block() : default;
        HasAttributesBefore = (flags & WithAttributes) != 0;
        AttributesBefore = HasAttributesBefore ? Block() : default;
        Above = (flags & WithAbove) != 0 ? Block() : default;
        OldParent = (flags & WithParent) != 0 ? Block() : default;
        Below = (flags & WithBelow) != 0 ? Block() : default;
    }

    /// <summary>What stands next behind its length.</summary>
    public ReadOnlySpan<byte> Block()
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(_rest);
        var block = _rest.Slice(4, length);
        _rest = _rest[(4 + length)..];
        return block;
    }

    private static void WriteHead(ByteBuffer output, byte flags, Device? device)
    {
        var head = output.Room(11);
        var used = 0;
        head[used++] = flags;
        var id = (ulong)(device?.Id ?? 0);
        for (; id >= 0x80; id >>= 7)
            head[used++] = (byte)(id | 0x80);
        head[used++] = (byte)id;
        output.Advance(used);
    }

    /// <summary>Reads the attributes before.</summary>
    public readonly List<KeyValuePair<string, string>> ReadAttributesBefore()
    {
        var found = new List<KeyValuePair<string, string>>();
        for (var rest = new EventNotes(AttributesBefore); !rest.IsAtEnd;)
            found.Add(new(Encoding.UTF8.GetString(rest.Block()), Encoding.UTF8.GetString(rest.Block())));
        return found;
    }

    private static void WriteAttributes(ByteBuffer output, IReadOnlyList<KeyValuePair<string, string>> attributes)
    {
        var start = output.Length;
        output.Append([0, 0, 0, 0]);
        foreach (var (path, value) in attributes)
        {
            Write(output, Encoding.UTF8.GetBytes(path));
            Write(output, Encoding.UTF8.GetBytes(value));
        }
        BinaryPrimitives.WriteInt32LittleEndian(output.At(start), output.Length - start - 4);
    }

    private static bool WriteBelow(ByteBuffer output, IReadOnlyList<CarriedDevice> carried, BelowEncoder encode)
    {
        var start = output.Length;
        output.Append([0, 0, 0, 0]);
        foreach (var one in carried)
        {
            Write(output, one.Event, one.Device, encode);
            Write(output, encode(one));
            if (output.Length > MostBelow)
                return false;
        }
        BinaryPrimitives.WriteInt32LittleEndian(output.At(start), output.Length - start - 4);
        return true;
    }

    private static void Write(ByteBuffer output, PropertyBuffer? block)
    {
        if (block is not null)
            Write(output, block.Span);
    }

    private static void Write(ByteBuffer output, ReadOnlySpan<byte> block)
    {
        BinaryPrimitives.WriteInt32LittleEndian(output.Room(4), block.Length);
        output.Advance(4);
        output.Append(block);
    }
}

/// <summary>Encodes the move of a device below another that moved; valid until the next call.</summary>
internal delegate ReadOnlySpan<byte> BelowEncoder(CarriedDevice carried);
