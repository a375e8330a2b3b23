using System.Buffers.Binary;
using System.Text;
using UeventManager.Core.Settle;

namespace UeventManager.Core.Recording;

/// <summary>
/// Writes an engine's inputs as a sequence of frames. A frame has its length in four bytes and its kind in one; numbers are zigzag-encoded in seven
/// bits a byte, and bytes and texts follow their length. This costs the engine's thread very little; another thread turns frames into JSON.
/// </summary>
public sealed class TapeWriter
{
    private const int FirstBytes = 64 * 1024;

    private byte[] _buffer;
    private int _start;
    private int _at;
    private int _end;
    private int _frame;

    /// <summary>Starts with a small buffer, which grows.</summary>
    public TapeWriter() => (_buffer, _end) = (new byte[FirstBytes], FirstBytes);

    /// <summary>The number of bytes written since the last <see cref="Cut"/>, <see cref="Take"/> or <see cref="Clear"/>.</summary>
    public int Length => _at - _start;

    /// <summary>These bytes.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(_start, Length);

    /// <summary>Begins a frame.</summary>
    public void Begin(TapeKind kind)
    {
        Reserve(5);
        _frame = Length;
        _at += 4;
        _buffer[_at++] = (byte)kind;
    }

    /// <summary>Ends a frame.</summary>
    public void End() => BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(_start + _frame), Length - _frame - 4);

    /// <summary>The number of bytes that fit before a larger buffer is allocated.</summary>
    public int Left => _end - _at;

    /// <summary>Hands over the written bytes and goes on behind them.</summary>
    public ArraySegment<byte> Cut()
    {
        var taken = new ArraySegment<byte>(_buffer, _start, Length);
        _start = _at;
        return taken;
    }

    /// <summary>Hands over the written bytes and goes on in another buffer.</summary>
    /// <param name="next">The buffer to write to from now on; if a frame does not fit, a larger one is allocated.</param>
    public ArraySegment<byte> Take(ArraySegment<byte> next)
    {
        var taken = new ArraySegment<byte>(_buffer, _start, Length);
        (_buffer, _start, _at, _end) = (next.Array!, next.Offset, next.Offset, next.Offset + next.Count);
        return taken;
    }

    /// <summary>Forgets the written bytes.</summary>
    public void Clear() => _at = _start;

    /// <summary>Writes a number.</summary>
    public void Number(long value)
    {
        Reserve(10);
        var rest = ((ulong)value << 1) ^ (ulong)(value >> 63);
        var at = _at;
        for (; rest >= 0x80; rest >>= 7)
            _buffer[at++] = (byte)(rest | 0x80);
        _buffer[at++] = (byte)rest;
        _at = at;
    }

    /// <summary>Writes a number of fixed length.</summary>
    public void Fixed(ulong value)
    {
        Reserve(8);
        BinaryPrimitives.WriteUInt64LittleEndian(_buffer.AsSpan(_at), value);
        _at += 8;
    }

    /// <summary>Writes a flag.</summary>
    public void Flag(bool value) => Number(value ? 1 : 0);

    /// <summary>Writes bytes.</summary>
    public void Bytes(ReadOnlySpan<byte> value)
    {
        Number(value.Length);
        Raw(value);
    }

    /// <summary>Writes bytes whose length the reader knows.</summary>
    public void Raw(ReadOnlySpan<byte> value)
    {
        Reserve(value.Length);
        value.CopyTo(_buffer.AsSpan(_at));
        _at += value.Length;
    }

    /// <summary>Writes a text or null.</summary>
    public void Text(string? value)
    {
        Number(value is null ? 0 : 1);
        if (value is null)
            return;
        var length = Encoding.UTF8.GetByteCount(value);
        Number(length);
        Reserve(length);
        _at += Encoding.UTF8.GetBytes(value, _buffer.AsSpan(_at));
    }

    /// <summary>Writes an instance.</summary>
    public void Instance(DeviceInstance instance)
    {
        Number((long)instance.Inode);
        Number(instance.BirthNsec);
    }

    private void Reserve(int more)
    {
        if (_end - _at < more)
            Grow(more);
    }

    private void Grow(int more)
    {
        var grown = new byte[Math.Max(Length + more, 2 * Length)];
        Written.CopyTo(grown);
        (_buffer, _start, _at, _end) = (grown, 0, Length, grown.Length);
    }
}
