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
    private byte[] _buffer = new byte[64 * 1024];
    private int _frame;

    /// <summary>The number of bytes written since the last <see cref="Take"/>.</summary>
    public int Length { get; private set; }

    /// <summary>The bytes written since the last <see cref="Take"/>.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, Length);

    /// <summary>Begins a frame.</summary>
    public void Begin(TapeKind kind)
    {
        _frame = Length;
        Reserve(5);
        Length += 4;
        _buffer[Length++] = (byte)kind;
    }

    /// <summary>Ends a frame.</summary>
    public void End() => BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(_frame), Length - _frame - 4);

    /// <summary>Hands the buffer over and starts a new one.</summary>
    /// <param name="next">The buffer to write to from now on; null to allocate one.</param>
    /// <returns>The full buffer. Read <see cref="Length"/> before the call: so many of its bytes are valid.</returns>
    public byte[] Take(byte[]? next = null)
    {
        var taken = _buffer;
        (_buffer, Length) = (next ?? new byte[64 * 1024], 0);
        return taken;
    }

    /// <summary>Writes a number.</summary>
    public void Number(long value)
    {
        Reserve(10);
        var rest = ((ulong)value << 1) ^ (ulong)(value >> 63);
        var at = Length;
        for (; rest >= 0x80; rest >>= 7)
            _buffer[at++] = (byte)(rest | 0x80);
        _buffer[at++] = (byte)rest;
        Length = at;
    }

    /// <summary>Writes a number of fixed length.</summary>
    public void Fixed(ulong value)
    {
        Reserve(8);
        BinaryPrimitives.WriteUInt64LittleEndian(_buffer.AsSpan(Length), value);
        Length += 8;
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
        value.CopyTo(_buffer.AsSpan(Length));
        Length += value.Length;
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
        Length += Encoding.UTF8.GetBytes(value, _buffer.AsSpan(Length));
    }

    /// <summary>Writes an instance.</summary>
    public void Instance(DeviceInstance instance)
    {
        Number((long)instance.Inode);
        Number(instance.BirthNsec);
    }

    private void Reserve(int more)
    {
        if (_buffer.Length - Length < more)
            Array.Resize(ref _buffer, Math.Max(Length + more, 2 * _buffer.Length));
    }
}
