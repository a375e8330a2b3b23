using System.Buffers;

namespace UeventManager.Varlink;

/// <summary>
/// A byte queue. Its owner bounds it. An empty queue keeps at most a page, and takes no more than a page from the garbage collector: longer contents
/// are mapped, so that a flood of half requests leaves neither memory nor garbage.
/// </summary>
internal sealed class ByteQueue : IBufferWriter<byte>
{
    private const int Kept = 4096;
    private const int Step = 64 << 10;
    private const int LongestStep = 1 << 20;

    private byte[] _buffer = [];
    private MappedBytes? _mapped;
    private KeptFrames? _shared;
    private int _start;
    private int _end;

    /// <summary>Bytes in the queue.</summary>
    public int Length => _end - _start;

    /// <summary>The memory that it holds beyond a page; for shared memory, its share.</summary>
    public int HeldBytes => _shared?.PartBytes ?? _mapped?.Length ?? 0;

    /// <summary>The bytes, valid until the queue is next changed.</summary>
    public ReadOnlySpan<byte> Span => Storage.Slice(_start, Length);

    private Span<byte> Storage => _shared is { } shared ? shared.Bytes : _mapped is { } mapped ? mapped.Span : _buffer;

    /// <summary>Appends bytes.</summary>
    /// <param name="bytes">The bytes, which are copied.</param>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(GetSpan(bytes.Length));
        Advance(bytes.Length);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        if (_shared is not null || Storage.Length - _end < Math.Max(1, sizeHint))
            MakeRoom(Math.Max(1, sizeHint));
        return Storage[_end..];
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0) => throw new NotSupportedException("mapped memory has only spans");

    /// <inheritdoc/>
    public void Advance(int count) => _end += count;

    /// <summary>Makes an empty queue refer to shared bytes: they are not copied, and never written to.</summary>
    /// <param name="frames">The bytes; held until they have been taken.</param>
    /// <param name="start">The first byte to take.</param>
    public void Share(KeptFrames frames, int start) => (_start, _end, _shared) = (start, frames.Length, frames.Hold());

    /// <summary>Takes bytes from the front.</summary>
    /// <param name="count">At most <see cref="Length"/>.</param>
    public void Consume(int count)
    {
        _start += count;
        if (_start < _end)
            return;
        _start = _end = 0;
        GiveBack();
    }

    /// <summary>Drops everything.</summary>
    public void Clear() => Consume(Length);

    private void MakeRoom(int more)
    {
        int length = Length;
        int wanted = checked(length + more);
        if (_shared is null && Storage.Length >= wanted && _start >= length)
        {
            Span.CopyTo(Storage);
        }
        else if (wanted <= Kept)
        {
            byte[] target = new byte[Math.Max(Math.Max(512, wanted), Math.Min(Kept, 2 * length))];
            Span.CopyTo(target);
            GiveBack();
            _buffer = target;
        }
        else
        {
            var target = new MappedBytes(checked(Math.Max(wanted, length + Math.Clamp(length, Step, LongestStep))));
            Span.CopyTo(target.Span);
            GiveBack();
            _mapped = target;
        }
        (_start, _end) = (0, length);
    }

    private void GiveBack()
    {
        _shared?.Release();
        _mapped?.Dispose();
        (_shared, _mapped) = (null, null);
    }
}
