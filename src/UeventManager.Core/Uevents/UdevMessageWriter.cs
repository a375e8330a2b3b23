using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace UeventManager.Core.Uevents;

/// <summary>
/// Writes messages as udevd sends them to everybody (struct udev_monitor_netlink_header of libudev), into a buffer of its own. Older clients receive
/// into 8 KiB and reject what fills that: a longer message sheds properties, first those of no list below, the longest first, then those named
/// <c>ID_*</c>, never what a client requires or finds a device by.
/// </summary>
public sealed class UdevMessageWriter
{
    /// <summary>Bytes of the header.</summary>
    public const int HeaderBytes = 40;

    /// <summary>Most bytes of a message: libudev before 247 rejects one that fills its buffer of 8,192.</summary>
    public const int MaxBytes = 8191;

    private const uint Magic = 0xfeedcafe;

    // What a client requires, or by which it finds or opens the device.
    private static readonly HashSet<string> s_kept = new(StringComparer.Ordinal)
    {
        "ACTION", "DEVPATH", "SUBSYSTEM", "SEQNUM", "DEVTYPE", "DEVNAME", "MAJOR", "MINOR", "IFINDEX", "INTERFACE", "DRIVER", "DEVPATH_OLD", "DISKSEQ",
        "USEC_INITIALIZED", "TAGS", "CURRENT_TAGS", "UDEV_DATABASE_VERSION", "UEVENT_MANAGER", "SYNTH_UUID",
    };

    private readonly byte[] _buffer = new byte[MaxBytes];
    private readonly List<(string Key, string Value, int Bytes)> _properties = [];

    /// <summary>Messages that shed a property so far.</summary>
    public long Shortened { get; private set; }

    /// <summary>Properties that the last message shed, in the order in which they went.</summary>
    public IReadOnlyList<string> Shed => _shed;

    private readonly List<string> _shed = [];

    /// <summary>Writes a message.</summary>
    /// <param name="properties">All properties. A key that is empty or has a <c>=</c>, and a pair with a NUL, would have clients reject the message: they are left out.</param>
    /// <param name="tags">Tags, by which clients filter.</param>
    /// <param name="message">Valid until the next one is written.</param>
    /// <returns>False if what may not be shed does not fit.</returns>
    public bool TryWrite(IEnumerable<KeyValuePair<string, string>> properties, IEnumerable<string> tags, out ReadOnlyMemory<byte> message)
    {
        ArgumentNullException.ThrowIfNull(properties);
        ArgumentNullException.ThrowIfNull(tags);
        message = default;
        var total = Take(properties);
        _shed.Clear();
        while (total > MaxBytes - HeaderBytes)
        {
            if (Longest() is not { } at)
                return false;
            total -= _properties[at].Bytes;
            _shed.Add(_properties[at].Key);
            _properties.RemoveAt(at);
        }
        if (_shed.Count > 0)
            Shortened++;
        var length = HeaderBytes;
        string subsystem = "", devType = "";
        foreach (var (key, value, _) in _properties)
        {
            if (key == "SUBSYSTEM")
                subsystem = value;
            else if (key == "DEVTYPE")
                devType = value;
            length += Encoding.UTF8.GetBytes(key, _buffer.AsSpan(length));
            _buffer[length++] = (byte)'=';
            length += Encoding.UTF8.GetBytes(value, _buffer.AsSpan(length));
            _buffer[length++] = 0;
        }
        WriteHeader(length, subsystem, devType, BloomOf(tags));
        message = _buffer.AsMemory(0, length);
        return true;
    }

    /// <summary>The 64 bits by which clients filter for a tag (string_bloom64() of libudev).</summary>
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

    private int Take(IEnumerable<KeyValuePair<string, string>> properties)
    {
        _properties.Clear();
        var total = 0;
        foreach (var (key, value) in properties)
        {
            if (key.Length == 0 || key.Contains('=', StringComparison.Ordinal) || key.Contains('\0', StringComparison.Ordinal) || value.Contains('\0', StringComparison.Ordinal))
                continue;
            var bytes = Encoding.UTF8.GetByteCount(key) + Encoding.UTF8.GetByteCount(value) + 2;
            _properties.Add((key, value, bytes));
            total += bytes;
        }
        return total;
    }

    // Which goes next: of equal length the first by name, so that two messages of one device shed the same.
    private int? Longest()
    {
        int? found = null;
        for (var i = 0; i < _properties.Count; i++)
        {
            if (!s_kept.Contains(_properties[i].Key) && (found is not { } best || GoesBefore(_properties[i], _properties[best])))
                found = i;
        }
        return found;
    }

    private static bool GoesBefore((string Key, string Value, int Bytes) one, (string Key, string Value, int Bytes) other)
    {
        var (isId, otherIsId) = (one.Key.StartsWith("ID_", StringComparison.Ordinal), other.Key.StartsWith("ID_", StringComparison.Ordinal));
        if (isId != otherIsId)
            return otherIsId;
        return one.Bytes != other.Bytes ? one.Bytes > other.Bytes : string.CompareOrdinal(one.Key, other.Key) < 0;
    }

    private void WriteHeader(int length, string subsystem, string devType, ulong bloom)
    {
        var header = _buffer.AsSpan(0, HeaderBytes);
        "libudev\0"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt32BigEndian(header[8..], Magic);
        // Sizes are in the machine's order, what the clients' BPF filter reads is not.
        uint sizes = HeaderBytes;
        MemoryMarshal.Write(header[12..], sizes);
        MemoryMarshal.Write(header[16..], sizes);
        MemoryMarshal.Write(header[20..], (uint)(length - HeaderBytes));
        BinaryPrimitives.WriteUInt32BigEndian(header[24..], UdevHash.Of(Encoding.UTF8.GetBytes(subsystem)));
        BinaryPrimitives.WriteUInt32BigEndian(header[28..], devType.Length == 0 ? 0 : UdevHash.Of(Encoding.UTF8.GetBytes(devType)));
        BinaryPrimitives.WriteUInt32BigEndian(header[32..], (uint)(bloom >> 32));
        BinaryPrimitives.WriteUInt32BigEndian(header[36..], (uint)bloom);
    }
}
