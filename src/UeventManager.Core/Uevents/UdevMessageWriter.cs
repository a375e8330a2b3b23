using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace UeventManager.Core.Uevents;

/// <summary>
/// Writes messages in the format of udevd's broadcasts (struct udev_monitor_netlink_header of libudev). Older clients receive into 8 KiB and reject a
/// message that fills this buffer, so a longer message sheds properties (<see cref="PropertyShedder"/>).
/// </summary>
public sealed class UdevMessageWriter
{
    /// <summary>Bytes of the header.</summary>
    public const int HeaderBytes = 40;

    /// <summary>The most bytes of a message: libudev before 247 rejects one that fills its buffer of 8,192 bytes.</summary>
    public const int MaxBytes = 8191;

    private const uint Magic = 0xfeedcafe;

    private byte[] _buffer = new byte[2 * MaxBytes];
    private int _length;

    /// <summary>Shortens messages that are too long.</summary>
    public PropertyShedder Shedder { get; } = new();

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
        if (_length > MaxBytes && !Shedder.TryShorten(_buffer, HeaderBytes, ref _length, MaxBytes))
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
