namespace UeventManager.Varlink;

/// <summary>Bytes that go in at the end and out at the front. Its owner bounds it; once empty it keeps no more than a page.</summary>
internal sealed class ByteQueue
{
    private const int Kept = 4096;

    private byte[] buffer = [];
    private int start;
    private int end;

    /// <summary>Bytes in the queue.</summary>
    public int Length => end - start;

    /// <summary>The bytes, valid until the next append.</summary>
    public ReadOnlySpan<byte> Span => buffer.AsSpan(start, Length);

    /// <summary>Appends bytes.</summary>
    /// <param name="bytes">They are copied.</param>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (buffer.Length - end < bytes.Length)
            MakeRoom(bytes.Length);
        bytes.CopyTo(buffer.AsSpan(end));
        end += bytes.Length;
    }

    /// <summary>Takes bytes from the front. <see cref="Span"/>s taken before stay valid until the next append.</summary>
    /// <param name="count">At most <see cref="Length"/>.</param>
    public void Consume(int count)
    {
        start += count;
        if (start < end)
            return;
        start = end = 0;
        if (buffer.Length > Kept)
            buffer = [];
    }

    /// <summary>Drops everything.</summary>
    public void Clear() => Consume(Length);

    private void MakeRoom(int more)
    {
        int length = Length;
        byte[] target = buffer.Length - length >= more && start >= length
            ? buffer
            : new byte[Math.Max(Math.Max(512, length + more), checked(2 * length))];
        Span.CopyTo(target);
        buffer = target;
        (start, end) = (0, length);
    }
}
