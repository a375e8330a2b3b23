namespace UeventManager.Client;

/// <summary>Splits received bytes into messages at their NULs.</summary>
/// <param name="capacity">The first size, in bytes.</param>
internal sealed class FrameBuffer(int capacity)
{
    /// <summary>The most bytes of one message. A longer one makes receiving fail: the daemon's messages are far shorter.</summary>
    public const int MaxFrameBytes = 64 << 20;

    private byte[] _buffer = new byte[capacity];
    private int _start;
    private int _scanned;
    private int _end;

    /// <summary>True if part of a message has arrived.</summary>
    public bool HasPart => _end > _start;

    /// <summary>Takes the next message.</summary>
    /// <param name="frame">The message without its NUL, valid until <see cref="Room"/> is next called.</param>
    /// <returns>False if no complete message has arrived.</returns>
    public bool TryTake(out ReadOnlyMemory<byte> frame)
    {
        int found = _buffer.AsSpan(_scanned, _end - _scanned).IndexOf((byte)0);
        if (found < 0)
        {
            (frame, _scanned) = (default, _end);
            return false;
        }
        frame = new ReadOnlyMemory<byte>(_buffer, _start, _scanned + found - _start);
        _start = _scanned += found + 1;
        return true;
    }

    /// <summary>The memory for the next bytes; not empty.</summary>
    /// <exception cref="VarlinkProtocolException">The message is too long.</exception>
    public Memory<byte> Room()
    {
        if (_end == _buffer.Length)
            MakeRoom();
        return _buffer.AsMemory(_end);
    }

    /// <summary>Adds received bytes.</summary>
    /// <param name="count">The number of bytes in <see cref="Room"/>.</param>
    public void Advance(int count) => _end += count;

    private void MakeRoom()
    {
        int length = _end - _start;
        if (length > MaxFrameBytes)
            throw new VarlinkProtocolException($"The service sent a message longer than {MaxFrameBytes >> 20} MiB.");
        byte[] target = length > _buffer.Length / 2 ? new byte[2 * _buffer.Length] : _buffer;
        _buffer.AsSpan(_start, length).CopyTo(target);
        (_buffer, _start, _scanned, _end) = (target, 0, _scanned - _start, length);
    }
}
