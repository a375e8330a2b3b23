using System.Buffers.Binary;
using System.Text;
using UeventManager.Core.Ordering;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Dispatch;

/// <summary>
/// The data that the ring stores next to an event's text, so that a filter which devices enter and leave can be replayed: the device's number, its
/// own properties before and after if the text does not contain them, its attributes before, its ancestors, and for a move the old parent and the
/// devices that it carries. One for each event of an entry: a byte of flags, the device's number (seven bits a byte, least significant first; 0 for
/// no device), and the blocks that the flags name, each after its length (4 bytes). The block of carried devices has for each its notes and, as a
/// block, its own event.
/// </summary>
internal ref struct EventNotes(ReadOnlySpan<byte> notes)
{
    /// <summary>The most bytes of one entry's notes with which the events of carried devices are still included.</summary>
    public const int MostBelow = 1024 * 1024;

    private const byte WithBefore = 1;
    private const byte WithAfter = 2;
    private const byte WithParent = 4;
    private const byte WithBelow = 8;
    private const byte WithTooMany = 16;
    private const byte WithAttributes = 32;
    private const byte WithAbove = 64;
    private ReadOnlySpan<byte> _rest = notes;

    /// <summary>True at the end.</summary>
    public readonly bool IsAtEnd => _rest.IsEmpty;

    /// <summary>The device's number; 0 for other kobjects.</summary>
    public long DeviceId { get; private set; }

    /// <summary>True if <see cref="Before"/> differs from the event's own text.</summary>
    public bool HasBefore { get; private set; }

    /// <summary>The device's own properties before the event.</summary>
    public ReadOnlySpan<byte> Before { get; private set; }

    /// <summary>True if <see cref="After"/> differs from the event's own text.</summary>
    public bool HasAfter { get; private set; }

    /// <summary>The device's own properties after the event, without variables of this event alone.</summary>
    public ReadOnlySpan<byte> After { get; private set; }

    /// <summary>True if the event changed the attributes.</summary>
    public bool HasAttributesBefore { get; private set; }

    /// <summary>The attributes before the event: path and value alternately, each after its length (4 bytes).</summary>
    public ReadOnlySpan<byte> AttributesBefore { get; private set; }

    /// <summary>The device's ancestors (<see cref="Ancestry"/>).</summary>
    public ReadOnlySpan<byte> Above { get; private set; }

    /// <summary>For a move, the old parent's devpath; empty if there was none.</summary>
    public ReadOnlySpan<byte> OldParent { get; private set; }

    /// <summary>For a move, the carried devices.</summary>
    public ReadOnlySpan<byte> Below { get; private set; }

    /// <summary>True if there are too many carried devices to store.</summary>
    public bool HasTooMany { get; private set; }

    /// <summary>Writes the notes of one event.</summary>
    /// <param name="output">Receives the notes.</param>
    /// <param name="released">The event.</param>
    /// <param name="device">Its device; null for other kobjects.</param>
    /// <param name="encode">Encodes the event of a carried device.</param>
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

    /// <summary>The next block.</summary>
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

    /// <summary>Reads the attributes before the event.</summary>
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

/// <summary>Encodes the move of a carried device; valid until the next call.</summary>
internal delegate ReadOnlySpan<byte> BelowEncoder(CarriedDevice carried);
