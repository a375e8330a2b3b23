using System.Buffers.Binary;
using System.Text;
using UeventManager.Core.Settle;

namespace UeventManager.Core.Recording;

/// <summary>
/// Writes what an engine is told as frames, one behind the other: the length in four bytes, then numbers of seven bits a byte (zigzag), bytes and texts
/// behind their length. Made to cost an engine's thread next to nothing: JSON is made of it elsewhere.
/// </summary>
public sealed class TapeWriter
{
    private byte[] _buffer = new byte[64 * 1024];
    private int _frame;

    /// <summary>Bytes that were written since the last <see cref="Take"/>.</summary>
    public int Length { get; private set; }

    /// <summary>What was written.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, Length);

    /// <summary>Begins a frame.</summary>
    public void Begin(TapeKind kind)
    {
        _frame = Length;
        Reserve(5);
        Length += 4;
        _buffer[Length++] = (byte)kind;
    }

    /// <summary>Ends it.</summary>
    public void End() => BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(_frame), Length - _frame - 4);

    /// <summary>Gives away what was written, and begins anew.</summary>
    /// <param name="next">Where to write on; a new buffer if null.</param>
    /// <returns>The buffer; its first <see cref="Length"/> bytes count, as they were before the call.</returns>
    public byte[] Take(byte[]? next = null)
    {
        var taken = _buffer;
        (_buffer, Length) = (next ?? new byte[64 * 1024], 0);
        return taken;
    }

    /// <summary>A number.</summary>
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

    /// <summary>A number that needs all its bytes.</summary>
    public void Fixed(ulong value)
    {
        Reserve(8);
        BinaryPrimitives.WriteUInt64LittleEndian(_buffer.AsSpan(Length), value);
        Length += 8;
    }

    /// <summary>Yes or no.</summary>
    public void Flag(bool value) => Number(value ? 1 : 0);

    /// <summary>Bytes.</summary>
    public void Bytes(ReadOnlySpan<byte> value)
    {
        Number(value.Length);
        Raw(value);
    }

    /// <summary>Bytes of which the reader knows the length.</summary>
    public void Raw(ReadOnlySpan<byte> value)
    {
        Reserve(value.Length);
        value.CopyTo(_buffer.AsSpan(Length));
        Length += value.Length;
    }

    /// <summary>A text, or none.</summary>
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

    /// <summary>An instance.</summary>
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
