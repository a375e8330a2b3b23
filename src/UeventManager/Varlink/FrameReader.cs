namespace UeventManager.Varlink;

/// <summary>Cuts a byte stream into messages at their NULs, however the stream was split or merged on its way.</summary>
internal sealed class FrameReader
{
    private readonly ByteQueue _bytes = new();
    private int _scanned;

    /// <summary>Bytes not taken yet.</summary>
    public int Length => _bytes.Length;

    /// <summary>True if a whole message waits.</summary>
    public bool HasFrame => FindEnd() >= 0;

    /// <summary>Appends what was received.</summary>
    /// <param name="received">Any part of the stream.</param>
    public void Append(ReadOnlySpan<byte> received) => _bytes.Append(received);

    /// <summary>Takes the next whole message.</summary>
    /// <param name="frame">The message without its NUL, valid until the next append.</param>
    /// <returns>False if no whole message is there.</returns>
    public bool TryTake(out ReadOnlySpan<byte> frame)
    {
        int end = FindEnd();
        if (end < 0)
        {
            frame = default;
            return false;
        }
        frame = _bytes.Span[..end];
        _bytes.Consume(end + 1);
        _scanned = 0;
        return true;
    }

    /// <summary>Drops everything.</summary>
    public void Clear()
    {
        _bytes.Clear();
        _scanned = 0;
    }

    // A client that sends a byte at a time must not make us search its megabyte a million times.
    private int FindEnd()
    {
        int found = _bytes.Span[_scanned..].IndexOf((byte)0);
        if (found >= 0)
            return _scanned + found;
        _scanned = _bytes.Length;
        return -1;
    }
}
