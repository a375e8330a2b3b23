namespace UeventManager.Varlink;

/// <summary>Splits a byte stream into messages at their NULs, however it was split or merged on its way.</summary>
internal sealed class FrameReader
{
    private readonly ByteQueue _bytes = new();
    private int _scanned;
    private int _taken;

    /// <summary>The number of bytes not taken yet.</summary>
    public int Length => _bytes.Length - _taken;

    /// <summary>The memory that it holds beyond a page.</summary>
    public int HeldBytes => _bytes.HeldBytes;

    /// <summary>True if a complete message has arrived.</summary>
    public bool HasFrame => FindEnd() >= 0;

    /// <summary>Appends received bytes.</summary>
    /// <param name="received">Any part of the stream.</param>
    public void Append(ReadOnlySpan<byte> received)
    {
        DropTaken();
        _bytes.Append(received);
    }

    /// <summary>Takes the next complete message.</summary>
    /// <param name="frame">The message without its NUL, valid until the next call that changes the reader.</param>
    /// <returns>False if no complete message has arrived.</returns>
    public bool TryTake(out ReadOnlySpan<byte> frame)
    {
        DropTaken();
        int end = FindEnd();
        if (end < 0)
        {
            frame = default;
            return false;
        }
        frame = _bytes.Span[..end];
        // The next call frees its memory, because the caller still reads the message.
        _taken = _scanned = end + 1;
        return true;
    }

    /// <summary>Frees the memory of the message taken last.</summary>
    public void DropTaken()
    {
        _bytes.Consume(_taken);
        _scanned -= _taken;
        _taken = 0;
    }

    /// <summary>Drops everything.</summary>
    public void Clear()
    {
        _bytes.Clear();
        _scanned = _taken = 0;
    }

    // A client that sends one byte at a time must not cause a million searches of a megabyte.
    private int FindEnd()
    {
        int found = _bytes.Span[_scanned..].IndexOf((byte)0);
        if (found >= 0)
            return _scanned += found;
        _scanned = _bytes.Length;
        return -1;
    }
}
