using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace UeventManager.Core.Uevents;

/// <summary>
/// Writes messages in the format of udevd's broadcasts (struct udev_monitor_netlink_header of libudev). Older clients receive into 8 KiB and reject a
/// message that fills this buffer, so a longer message sheds properties: first those not named <c>ID_*</c>, then those named <c>ID_*</c>, the longest
/// first, but never one that a client requires or finds a device by.
/// </summary>
public sealed class UdevMessageWriter
{
    /// <summary>Bytes of the header.</summary>
    public const int HeaderBytes = 40;

    /// <summary>The most bytes of a message: libudev before 247 rejects one that fills its buffer of 8,192 bytes.</summary>
    public const int MaxBytes = 8191;

    private const uint Magic = 0xfeedcafe;

    private readonly List<(int Start, int Length)> _entries = [];
    private readonly List<string> _shed = [];
    private byte[] _buffer = new byte[2 * MaxBytes];
    private int _length;

    /// <summary>The number of messages that shed a property.</summary>
    public long Shortened { get; private set; }

    /// <summary>The properties that the last too long message shed, in order.</summary>
    public IReadOnlyList<string> Shed => _shed;

    /// <summary>Writes a message.</summary>
    /// <param name="properties">All properties, <c>KEY=VALUE\0…</c>. An entry without a key or a <c>=</c> would make clients reject the message, so
    /// it is left out.</param>
    /// <param name="tags">The bits of its tags (<see cref="BloomOf"/>).</param>
    /// <param name="message">The bytes; valid until the next message is written.</param>
    /// <returns>False if the properties that must not be shed do not fit.</returns>
    public bool TryWrite(ReadOnlySpan<byte> properties, ulong tags, out Memory<byte> message)
    {
        message = default;
        if (_buffer.Length < HeaderBytes + properties.Length + 1)
            _buffer = new byte[HeaderBytes + (2 * properties.Length)];
        _length = HeaderBytes;
        ReadOnlySpan<byte> subsystem = default, devType = default;
        var scanner = new PropertyScanner(properties);
        while (scanner.MoveNext())
        {
            if (scanner.Equal <= scanner.Start)
                continue;
            var entry = properties[scanner.Start..scanner.End];
            entry.CopyTo(_buffer.AsSpan(_length));
            _length += entry.Length;
            _buffer[_length++] = 0;
            if (entry[0] == 'S' && scanner.Key.SequenceEqual("SUBSYSTEM"u8))
                subsystem = scanner.Value;
            else if (entry[0] == 'D' && scanner.Key.SequenceEqual("DEVTYPE"u8))
                devType = scanner.Value;
        }
        if (_length > MaxBytes && !Shorten())
            return false;
        WriteHeader(_length, subsystem, devType, tags);
        message = _buffer.AsMemory(0, _length);
        return true;
    }

    /// <summary>The 64 bits by which clients filter for tags (string_bloom64() of libudev).</summary>
    public static ulong BloomOf(IEnumerable<string> tags)
    {
        ArgumentNullException.ThrowIfNull(tags);
        ulong bits = 0;
        foreach (var tag in tags)
        {
            var hash = UdevHash.Of(Encoding.UTF8.GetBytes(tag));
            bits |= (1UL << (int)(hash & 63)) | (1UL << (int)((hash >> 6) & 63)) | (1UL << (int)((hash >> 12) & 63)) | (1UL << (int)((hash >> 18) & 63));
        }
        return bits;
    }

    // Properties that a client requires, or by which it finds or opens the device.
    private static bool IsKept(ReadOnlySpan<byte> key) =>
        key.SequenceEqual("ACTION"u8) || key.SequenceEqual("DEVPATH"u8) || key.SequenceEqual("SUBSYSTEM"u8) || key.SequenceEqual("SEQNUM"u8)
        || key.SequenceEqual("DEVTYPE"u8) || key.SequenceEqual("DEVNAME"u8) || key.SequenceEqual("MAJOR"u8) || key.SequenceEqual("MINOR"u8)
        || key.SequenceEqual("IFINDEX"u8) || key.SequenceEqual("INTERFACE"u8) || key.SequenceEqual("DRIVER"u8) || key.SequenceEqual("DEVPATH_OLD"u8)
        || key.SequenceEqual("DISKSEQ"u8) || key.SequenceEqual("USEC_INITIALIZED"u8) || key.SequenceEqual("TAGS"u8) || key.SequenceEqual("CURRENT_TAGS"u8)
        || key.SequenceEqual("UDEV_DATABASE_VERSION"u8) || key.SequenceEqual("UEVENT_MANAGER"u8) || key.SequenceEqual("SYNTH_UUID"u8);

    private bool Shorten()
    {
        _entries.Clear();
        _shed.Clear();
        for (var start = HeaderBytes; start < _length;)
        {
            var length = _buffer.AsSpan(start, _length - start).IndexOf((byte)0) + 1;
            _entries.Add((start, length));
            start += length;
        }
        var total = _length;
        while (total > MaxBytes)
        {
            if (Longest() is not { } at)
                return false;
            total -= _entries[at].Length;
            _shed.Add(Encoding.UTF8.GetString(KeyOf(_entries[at])));
            _entries.RemoveAt(at);
        }
        _length = HeaderBytes;
        foreach (var (start, length) in _entries)
        {
            _buffer.AsSpan(start, length).CopyTo(_buffer.AsSpan(_length));
            _length += length;
        }
        Shortened++;
        return true;
    }

    private ReadOnlySpan<byte> KeyOf((int Start, int Length) entry)
    {
        var text = _buffer.AsSpan(entry.Start, entry.Length);
        return text[..text.IndexOf((byte)'=')];
    }

    // The next property to shed: among those of equal length the first by name, so that two messages of one device shed the same ones.
    private int? Longest()
    {
        int? found = null;
        for (var i = 0; i < _entries.Count; i++)
        {
            if (!IsKept(KeyOf(_entries[i])) && (found is not { } best || GoesBefore(_entries[i], _entries[best])))
                found = i;
        }
        return found;
    }

    private bool GoesBefore((int Start, int Length) one, (int Start, int Length) other)
    {
        var key = KeyOf(one);
        var otherKey = KeyOf(other);
        var (isId, otherIsId) = (key.StartsWith("ID_"u8), otherKey.StartsWith("ID_"u8));
        if (isId != otherIsId)
            return otherIsId;
        return one.Length != other.Length ? one.Length > other.Length : key.SequenceCompareTo(otherKey) < 0;
    }

    private void WriteHeader(int length, ReadOnlySpan<byte> subsystem, ReadOnlySpan<byte> devType, ulong bloom)
    {
        var header = _buffer.AsSpan(0, HeaderBytes);
        "libudev\0"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt32BigEndian(header[8..], Magic);
        // Sizes are in the machine's byte order; fields that the clients' BPF filter reads are in network order.
        uint sizes = HeaderBytes;
        MemoryMarshal.Write(header[12..], sizes);
        MemoryMarshal.Write(header[16..], sizes);
        MemoryMarshal.Write(header[20..], (uint)(length - HeaderBytes));
        BinaryPrimitives.WriteUInt32BigEndian(header[24..], UdevHash.Of(subsystem));
        BinaryPrimitives.WriteUInt32BigEndian(header[28..], devType.IsEmpty ? 0 : UdevHash.Of(devType));
        BinaryPrimitives.WriteUInt32BigEndian(header[32..], (uint)(bloom >> 32));
        BinaryPrimitives.WriteUInt32BigEndian(header[36..], (uint)bloom);
    }
}
