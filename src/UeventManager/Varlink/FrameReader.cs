namespace UeventManager.Varlink;

/// <summary>Cuts a byte stream into messages at their NULs, however the stream was split or merged on its way.</summary>
internal sealed class FrameReader
{
    private readonly ByteQueue bytes = new();
    private int scanned;

    /// <summary>Bytes not taken yet.</summary>
    public int Length => bytes.Length;

    /// <summary>True if a whole message waits.</summary>
    public bool HasFrame => FindEnd() >= 0;

    /// <summary>Appends what was received.</summary>
    /// <param name="received">Any part of the stream.</param>
    public void Append(ReadOnlySpan<byte> received) => bytes.Append(received);

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
        frame = bytes.Span[..end];
        bytes.Consume(end + 1);
        scanned = 0;
        return true;
    }

    /// <summary>Drops everything.</summary>
    public void Clear()
    {
        bytes.Clear();
        scanned = 0;
    }

    // A client that sends a byte at a time must not make us search its megabyte a million times.
    private int FindEnd()
    {
        int found = bytes.Span[scanned..].IndexOf((byte)0);
        if (found >= 0)
            return scanned + found;
        scanned = bytes.Length;
        return -1;
    }
}
