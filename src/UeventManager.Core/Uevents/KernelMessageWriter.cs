namespace UeventManager.Core.Uevents;

/// <summary>
/// Writes events in the kernel's format: <c>ACTION@DEVPATH\0KEY=VALUE\0…</c>. SEQNUM is left out for injection, because uevent_net_rcv_skb() appends
/// the kernel's own. A message that is too long sheds properties (<see cref="PropertyShedder"/>).
/// </summary>
public sealed class KernelMessageWriter
{
    /// <summary>The most bytes of a message: udevd and mdevd receive at least as many (UEVENT_BUFFER_SIZE is 2,048 bytes of properties).</summary>
    public const int MaxBytes = 4096;

    /// <summary>The most bytes of an injected message with its SEQNUM: the kernel refuses more (UEVENT_BUFFER_SIZE, uevent_net_broadcast()).</summary>
    public const int MaxInjectedBytes = 2048;

    // SEQNUM=18446744073709551615 and its NUL, which the kernel appends.
    private const int SeqnumBytes = 28;

    private byte[] _buffer = new byte[2 * MaxBytes];
    private int _length;

    /// <summary>Shortens messages that are too long.</summary>
    public PropertyShedder Shedder { get; } = new();

    /// <summary>Writes a message.</summary>
    /// <param name="properties">All properties, <c>KEY=VALUE\0…</c>; udev's own properties are left out.</param>
    /// <param name="head">The number of bytes left free at the beginning, for a header.</param>
    /// <param name="withSeqnum">True to write SEQNUM.</param>
    /// <param name="message">The bytes, including the free ones; valid until the next message is written.</param>
    /// <returns>False if the properties that must not be shed do not fit.</returns>
    public bool TryWrite(ReadOnlySpan<byte> properties, int head, bool withSeqnum, out Memory<byte> message)
    {
        message = default;
        if (!PropertyBlock.TryGet(properties, "ACTION"u8, out var action) || !PropertyBlock.TryGet(properties, "DEVPATH"u8, out var path))
            return false;
        // Action and devpath come first once more, and the last entry may have no NUL.
        if (_buffer.Length < head + (2 * properties.Length) + 1)
            _buffer = new byte[head + (4 * properties.Length)];
        _length = head;
        Append(action, "@"u8, path);
        var start = _length;
        var scanner = new PropertyScanner(properties);
        while (scanner.MoveNext())
        {
            var key = scanner.Key;
            if (scanner.Equal <= scanner.Start || IsUdevs(key) || (!withSeqnum && key.SequenceEqual("SEQNUM"u8)))
                continue;
            var value = scanner.Value;
            // The kernel names a node relative to /dev.
            if (key.SequenceEqual("DEVNAME"u8) && value.StartsWith("/dev/"u8))
                value = value["/dev/"u8.Length..];
            Append(key, "="u8, value);
        }
        // The limit is for what listeners receive, which does not include the header.
        var most = head + (withSeqnum ? MaxBytes : MaxInjectedBytes - SeqnumBytes);
        if (_length > most && !Shedder.TryShorten(_buffer, start, ref _length, most))
            return false;
        message = _buffer.AsMemory(0, _length);
        return true;
    }

    private static bool IsUdevs(ReadOnlySpan<byte> key) => key.StartsWith("ID_"u8) || key.SequenceEqual("TAGS"u8) || key.SequenceEqual("CURRENT_TAGS"u8)
        || key.SequenceEqual("USEC_INITIALIZED"u8) || key.SequenceEqual("UDEV_DATABASE_VERSION"u8) || key.SequenceEqual("UEVENT_MANAGER"u8);

    private void Append(ReadOnlySpan<byte> one, ReadOnlySpan<byte> between, ReadOnlySpan<byte> other)
    {
        var to = _buffer.AsSpan(_length);
        one.CopyTo(to);
        between.CopyTo(to[one.Length..]);
        other.CopyTo(to[(one.Length + 1)..]);
        to[one.Length + 1 + other.Length] = 0;
        _length += one.Length + other.Length + 2;
    }
}
