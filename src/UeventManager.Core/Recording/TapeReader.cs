using System.Buffers.Binary;
using System.Text;
using UeventManager.Core.Settle;

namespace UeventManager.Core.Recording;

/// <summary>Reads a frame of a <see cref="TapeWriter"/> after its kind. Malformed content throws <see cref="FormatException"/>.</summary>
/// <param name="frame">The frame.</param>
public ref struct TapeReader(ReadOnlySpan<byte> frame)
{
    private ReadOnlySpan<byte> _rest = frame;

    /// <summary>Splits the next frame off.</summary>
    /// <param name="frames">The frames; the remaining ones after the call.</param>
    /// <param name="kind">The kind of the frame.</param>
    /// <param name="frame">The frame after its kind.</param>
    /// <returns>False if no frame is left.</returns>
    public static bool TryTake(ref ReadOnlySpan<byte> frames, out TapeKind kind, out ReadOnlySpan<byte> frame)
    {
        kind = default;
        frame = default;
        if (frames.Length < 5)
            return false;
        var length = BinaryPrimitives.ReadInt32LittleEndian(frames);
        if (length < 1 || length > frames.Length - 4)
            throw Broken();
        kind = (TapeKind)frames[4];
        frame = frames[5..(4 + length)];
        frames = frames[(4 + length)..];
        return true;
    }

    /// <summary>True at the end of the frame.</summary>
    public readonly bool IsAtEnd => _rest.IsEmpty;

    /// <summary>Reads a number.</summary>
    public long Number()
    {
        ulong value = 0;
        for (int shift = 0, at = 0; shift < 64 && at < _rest.Length; shift += 7, at++)
        {
            value |= (ulong)(_rest[at] & 0x7F) << shift;
            if (_rest[at] >= 0x80)
                continue;
            _rest = _rest[(at + 1)..];
            return (long)(value >> 1) ^ -(long)(value & 1);
        }
        throw Broken();
    }

    /// <summary>Reads a number within bounds.</summary>
    public int Number(int least, int most) => Number() is var value && value >= least && value <= most ? (int)value : throw Broken();

    /// <summary>Reads a time or a count, bounded so that a sum of several cannot overflow.</summary>
    public long Count() => Number() is var value and >= 0 and <= 1L << 58 ? value : throw Broken();

    /// <summary>Reads a number of fixed length.</summary>
    public ulong Fixed() => BinaryPrimitives.ReadUInt64LittleEndian(Raw(8));

    /// <summary>Reads a flag.</summary>
    public bool Flag() => Number(0, 1) == 1;

    /// <summary>Reads bytes.</summary>
    public ReadOnlySpan<byte> Bytes() => Raw(Number(0, int.MaxValue));

    /// <summary>Reads a text or null.</summary>
    public string? Text() => Flag() ? Encoding.UTF8.GetString(Bytes()) : null;

    /// <summary>Reads an instance.</summary>
    public DeviceInstance Instance() => new((ulong)Number(), Number());

    /// <summary>The exception for malformed content.</summary>
    public static FormatException Broken() => new("an input of the engine is malformed");

    private ReadOnlySpan<byte> Raw(int length)
    {
        if (length > _rest.Length)
            throw Broken();
        var bytes = _rest[..length];
        _rest = _rest[length..];
        return bytes;
    }
}
