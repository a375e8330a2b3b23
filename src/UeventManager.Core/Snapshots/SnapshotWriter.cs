using System.Text;

namespace UeventManager.Core.Snapshots;

/// <summary>
/// Writes the state that one run of the daemon hands over to the next: numbers with seven bits a byte (least significant first, negative ones by
/// zigzag), and bytes and UTF-8 after their length.
/// </summary>
/// <param name="sink">Gets the bytes in pieces.</param>
public sealed class SnapshotWriter(SnapshotSink sink)
{
    private readonly byte[] _buffer = new byte[64 * 1024];
    private byte[] _text = new byte[256];
    private int _used;

    /// <summary>Writes a number.</summary>
    public void Number(long value)
    {
        if (_buffer.Length - _used < 10)
            Flush();
        var rest = ((ulong)value << 1) ^ (ulong)(value >> 63);
        for (; rest >= 0x80; rest >>= 7)
            _buffer[_used++] = (byte)(rest | 0x80);
        _buffer[_used++] = (byte)rest;
    }

    /// <summary>Writes the clock of the following times.</summary>
    /// <param name="nowUsec">Now: no following time is later.</param>
    /// <param name="name">The identity of the clock, or null if it has none.</param>
    public void Clock(long nowUsec, string? name)
    {
        Number(nowUsec);
        Text(name);
    }

    /// <summary>Writes yes or no.</summary>
    public void Flag(bool value) => Number(value ? 1 : 0);

    /// <summary>Writes bytes.</summary>
    public void Bytes(ReadOnlySpan<byte> value)
    {
        Number(value.Length);
        while (value.Length > _buffer.Length - _used)
        {
            var part = _buffer.Length - _used;
            value[..part].CopyTo(_buffer.AsSpan(_used));
            value = value[part..];
            _used += part;
            Flush();
        }
        value.CopyTo(_buffer.AsSpan(_used));
        _used += value.Length;
    }

    /// <summary>Writes a text or null.</summary>
    public void Text(string? value)
    {
        Flag(value is not null);
        if (value is null)
            return;
        if (_text.Length < value.Length * 3)
            _text = new byte[value.Length * 3];
        Bytes(_text.AsSpan(0, Encoding.UTF8.GetBytes(value, _text)));
    }

    /// <summary>Gives everything to the sink.</summary>
    public void Flush()
    {
        sink(_buffer.AsSpan(0, _used));
        _used = 0;
    }
}
