namespace UeventManager.Varlink;

/// <summary>Bytes that go in at the end and out at the front. Its owner bounds it; once empty it keeps no more than a page.</summary>
internal sealed class ByteQueue
{
    private const int Kept = 4096;

    private byte[] _buffer = [];
    private KeptFrames? _shared;
    private int _start;
    private int _end;

    /// <summary>Bytes in the queue.</summary>
    public int Length => _end - _start;

    /// <summary>The bytes, valid until the next append; those that are shared until they are consumed.</summary>
    public ReadOnlySpan<byte> Span => _buffer.AsSpan(_start, Length);

    /// <summary>Appends bytes.</summary>
    /// <param name="bytes">They are copied.</param>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (_shared is not null || _buffer.Length - _end < bytes.Length)
            MakeRoom(bytes.Length);
        bytes.CopyTo(_buffer.AsSpan(_end));
        _end += bytes.Length;
    }

    /// <summary>Begins, being empty, with bytes that others may hold too: they are not copied, and never written to.</summary>
    /// <param name="frames">The bytes; held until they have been taken.</param>
    /// <param name="start">Where to begin in them.</param>
    public void Share(KeptFrames frames, int start) => (_buffer, _start, _end, _shared) = (frames.Bytes, start, frames.Length, frames.Hold());

    /// <summary>Takes bytes from the front.</summary>
    /// <param name="count">At most <see cref="Length"/>.</param>
    public void Consume(int count)
    {
        _start += count;
        if (_start < _end)
            return;
        _start = _end = 0;
        if (_buffer.Length > Kept || _shared is not null)
            _buffer = [];
        Unshare();
    }

    /// <summary>Drops everything.</summary>
    public void Clear() => Consume(Length);

    private void MakeRoom(int more)
    {
        int length = Length;
        byte[] target = _shared is null && _buffer.Length - length >= more && _start >= length
            ? _buffer
            : new byte[Math.Max(Math.Max(512, length + more), checked(2 * length))];
        Span.CopyTo(target);
        _buffer = target;
        Unshare();
        (_start, _end) = (0, length);
    }

    private void Unshare()
    {
        _shared?.Release();
        _shared = null;
    }
}
