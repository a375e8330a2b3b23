namespace UeventManager.Client;

/// <summary>Cuts a stream into messages at their NULs.</summary>
internal sealed class FrameStream(Stream stream) : IAsyncDisposable
{
    /// <summary>Bytes of one message. Beyond it <see cref="ReadAsync"/> fails: the daemon cuts what it sends far below.</summary>
    public const int MaxFrameBytes = 64 << 20;

    private byte[] buffer = new byte[16 << 10];
    private int start;
    private int end;

    /// <summary>Reads the next message.</summary>
    /// <param name="cancel">Ends the wait; what had arrived is kept.</param>
    /// <returns>The message without its NUL, valid until the next read; null at the end of the stream.</returns>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(CancellationToken cancel)
    {
        int scanned = start;
        while (true)
        {
            int found = buffer.AsSpan(scanned, end - scanned).IndexOf((byte)0);
            if (found >= 0)
            {
                var frame = new ReadOnlyMemory<byte>(buffer, start, scanned + found - start);
                start = scanned + found + 1;
                return frame;
            }
            scanned = end;
            if (end == buffer.Length)
                scanned = MakeRoom();
            int count = await stream.ReadAsync(buffer.AsMemory(end), cancel).ConfigureAwait(false);
            if (count == 0)
                return end == start ? null : throw new VarlinkProtocolException("The service closed the connection within a message.");
            end += count;
        }
    }

    /// <summary>Writes one message.</summary>
    /// <param name="frame">The message with its NUL.</param>
    /// <param name="cancel">Ends the wait; the stream is then useless.</param>
    /// <returns>Done when the system has it.</returns>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> frame, CancellationToken cancel) => stream.WriteAsync(frame, cancel);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => stream.DisposeAsync();

    private int MakeRoom()
    {
        int length = end - start;
        if (length > MaxFrameBytes)
            throw new VarlinkProtocolException($"The service sent a message longer than {MaxFrameBytes >> 20} MiB.");
        byte[] target = length > buffer.Length / 2 ? new byte[2 * buffer.Length] : buffer;
        buffer.AsSpan(start, length).CopyTo(target);
        buffer = target;
        (start, end) = (0, length);
        return length;
    }
}
