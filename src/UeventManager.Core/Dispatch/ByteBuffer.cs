using System.Buffers;

namespace UeventManager.Core.Dispatch;

/// <summary>
/// Bytes that are written one behind the other, in memory that is used again. What <see cref="ArrayBufferWriter{T}"/> is, without a call through an
/// interface for each piece of an event.
/// </summary>
/// <param name="capacity">Bytes to begin with; it grows as needed; the writer bounds it.</param>
public sealed class ByteBuffer(int capacity = 0) : IBufferWriter<byte>
{
    private byte[] _bytes = capacity == 0 ? [] : new byte[capacity];

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>What was written; valid until more is.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    /// <summary>Forgets what was written.</summary>
    public void Clear() => Length = 0;

    /// <summary>Forgets what was written from a place on.</summary>
    public void Truncate(int length) => Length = Math.Min(Length, length);

    /// <summary>What was written from a place on, to be written again.</summary>
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

    /// <summary>Room for further bytes, to be followed by <see cref="Advance"/>.</summary>
    /// <param name="length">At least so many.</param>
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
