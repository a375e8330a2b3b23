namespace UeventManager.Varlink;

/// <summary>Cuts a byte stream into messages at their NULs, however the stream was split or merged on its way.</summary>
internal sealed class FrameReader
{
    private readonly ByteQueue _bytes = new();
    private int _scanned;
    private int _taken;

    /// <summary>Bytes not taken yet.</summary>
    public int Length => _bytes.Length - _taken;

    /// <summary>Memory that it holds beyond a page.</summary>
    public int HeldBytes => _bytes.HeldBytes;

    /// <summary>True if a whole message waits.</summary>
    public bool HasFrame => FindEnd() >= 0;

    /// <summary>Appends what was received.</summary>
    /// <param name="received">Any part of the stream.</param>
    public void Append(ReadOnlySpan<byte> received)
    {
        DropTaken();
        _bytes.Append(received);
    }

    /// <summary>Takes the next whole message.</summary>
    /// <param name="frame">The message without its NUL, valid until the next call of anything that changes this.</param>
    /// <returns>False if no whole message is there.</returns>
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
        // Its memory is given back with the next call: the message is still read.
        _taken = _scanned = end + 1;
        return true;
    }

    /// <summary>Gives the memory of the message that was taken back.</summary>
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

    // A client that sends a byte at a time must not make us search its megabyte a million times.
    private int FindEnd()
    {
        int found = _bytes.Span[_scanned..].IndexOf((byte)0);
        if (found >= 0)
            return _scanned += found;
        _scanned = _bytes.Length;
        return -1;
    }
}
