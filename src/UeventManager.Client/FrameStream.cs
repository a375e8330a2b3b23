namespace UeventManager.Client;

/// <summary>Messages that end with a NUL, over a stream.</summary>
internal sealed class FrameStream(Stream stream) : IAsyncDisposable
{
    private readonly FrameBuffer _buffer = new(16 << 10);

    /// <summary>Reads the next message.</summary>
    /// <param name="cancellationToken">Cancels the wait; bytes that have arrived are kept.</param>
    /// <returns>The message without its NUL, valid until the next read; null at the end of the stream.</returns>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_buffer.TryTake(out ReadOnlyMemory<byte> frame))
                return frame;
            int count = await stream.ReadAsync(_buffer.Room(), cancellationToken).ConfigureAwait(false);
            if (count == 0)
                return _buffer.HasPart ? throw new DaemonUnreachableException("the daemon closed the connection within a message (was it killed?)") : null;
            _buffer.Advance(count);
        }
    }

    /// <summary>Writes one message.</summary>
    /// <param name="frame">The message with its NUL.</param>
    /// <param name="cancellationToken">Cancels the write; the stream is then unusable.</param>
    /// <returns>Completes when the system has taken the message.</returns>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> frame, CancellationToken cancellationToken) => stream.WriteAsync(frame, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => stream.DisposeAsync();
}
