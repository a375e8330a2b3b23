using System.Buffers;

namespace UeventManager.Core.Dispatch;

/// <summary>
/// A growing buffer in memory that is reused. It does the work of <see cref="ArrayBufferWriter{T}"/> without an interface call for each piece of an
/// event.
/// </summary>
/// <param name="capacity">The first size, in bytes; the buffer grows as needed, and its user bounds it.</param>
public sealed class ByteBuffer(int capacity = 0) : IBufferWriter<byte>
{
    private byte[] _bytes = capacity == 0 ? [] : new byte[capacity];

    /// <summary>The number of bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>The written bytes; valid until the next write.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    /// <summary>Empties the buffer.</summary>
    public void Clear() => Length = 0;

    /// <summary>Cuts the buffer to a length.</summary>
    public void Truncate(int length) => Length = Math.Min(Length, length);

    /// <summary>The written bytes from a place on, to overwrite them.</summary>
    public Span<byte> At(int start) => _bytes.AsSpan(start, Length - start);

    /// <summary>Writes bytes.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        Length += bytes.Length;
    }

    /// <summary>Writes one byte.</summary>
    public void Append(byte one)
    {
        Room(1)[0] = one;
        Length++;
    }

    /// <summary>Room for further bytes; call <see cref="Advance"/> afterwards.</summary>
    /// <param name="length">The least number of bytes.</param>
    public Span<byte> Room(int length)
    {
        if (_bytes.Length - Length < length)
            Grow(length);
        return _bytes.AsSpan(Length);
    }

    /// <inheritdoc/>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_bytes.Length - Length), nameof(count));
        Length += count;
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0) => Room(Math.Max(1, sizeHint));

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        _ = Room(Math.Max(1, sizeHint));
        return _bytes.AsMemory(Length);
    }

    private void Grow(int length) => Array.Resize(ref _bytes, Math.Max(checked(Length + length), Math.Max(256, checked(2 * _bytes.Length))));
}
