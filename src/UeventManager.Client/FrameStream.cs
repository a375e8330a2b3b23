namespace UeventManager.Client;

/// <summary>Cuts a stream into messages at their NULs.</summary>
internal sealed class FrameStream(Stream stream) : IAsyncDisposable
{
    /// <summary>Bytes of one message. Beyond it <see cref="ReadAsync"/> fails: the daemon cuts what it sends far below.</summary>
    public const int MaxFrameBytes = 64 << 20;

    private byte[] _buffer = new byte[16 << 10];
    private int _start;
    private int _end;

    /// <summary>Reads the next message.</summary>
    /// <param name="cancel">Ends the wait; what had arrived is kept.</param>
    /// <returns>The message without its NUL, valid until the next read; null at the end of the stream.</returns>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(CancellationToken cancel)
    {
        int scanned = _start;
        while (true)
        {
            int found = _buffer.AsSpan(scanned, _end - scanned).IndexOf((byte)0);
            if (found >= 0)
            {
                var frame = new ReadOnlyMemory<byte>(_buffer, _start, scanned + found - _start);
                _start = scanned + found + 1;
                return frame;
            }
            scanned = _end;
            if (_end == _buffer.Length)
                scanned = MakeRoom();
            int count = await stream.ReadAsync(_buffer.AsMemory(_end), cancel).ConfigureAwait(false);
            if (count == 0)
                return _end == _start ? null : throw new DaemonUnreachableException("the daemon closed the connection within a message (was it killed?)");
            _end += count;
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
        int length = _end - _start;
        if (length > MaxFrameBytes)
            throw new VarlinkProtocolException($"The service sent a message longer than {MaxFrameBytes >> 20} MiB.");
        byte[] target = length > _buffer.Length / 2 ? new byte[2 * _buffer.Length] : _buffer;
        _buffer.AsSpan(_start, length).CopyTo(target);
        _buffer = target;
        (_start, _end) = (0, length);
        return length;
    }
}
