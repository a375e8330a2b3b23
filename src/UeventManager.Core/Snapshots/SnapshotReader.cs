using System.Text;

namespace UeventManager.Core.Snapshots;

/// <summary>Reads what a <see cref="SnapshotWriter"/> wrote. Trusts no length: what cannot be is <see cref="SnapshotException"/>.</summary>
/// <param name="source">Gives the bytes in pieces.</param>
public sealed class SnapshotReader(SnapshotSource source)
{
    /// <summary>Longest bytes or text.</summary>
    public const int MaxLength = 64 * 1024 * 1024;

    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly Dictionary<string, string> _known = new(StringComparer.Ordinal);
    private byte[] _long = new byte[1024];
    private int _start;
    private int _end;

    /// <summary>Reads a number.</summary>
    public long Number()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var one = Next();
            value |= (ulong)(one & 0x7F) << shift;
            if (one < 0x80)
                return (long)(value >> 1) ^ -(long)(value & 1);
        }
        throw new SnapshotException("a number is too long");
    }

    /// <summary>Reads a number that has bounds.</summary>
    public int Number(int least, int most)
    {
        var value = Number();
        return value >= least && value <= most ? (int)value : throw new SnapshotException($"{value} where {least} to {most} can be");
    }

    /// <summary>Reads yes or no.</summary>
    public bool Flag() => Number(0, 1) == 1;

    /// <summary>Reads bytes; valid until the next call.</summary>
    public ReadOnlySpan<byte> Bytes()
    {
        var length = Number(0, MaxLength);
        if (length <= _end - _start)
        {
            _start += length;
            return _buffer.AsSpan(_start - length, length);
        }
        // What is announced may not be there: memory grows with what comes.
        for (var got = 0; got < length;)
        {
            if (_start == _end)
                Fill();
            var part = Math.Min(length - got, _end - _start);
            if (_long.Length < got + part)
                Array.Resize(ref _long, Math.Max(got + part, 2 * _long.Length));
            _buffer.AsSpan(_start, part).CopyTo(_long.AsSpan(got));
            (_start, got) = (_start + part, got + part);
        }
        return _long.AsSpan(0, length);
    }

    /// <summary>Reads a text, or null.</summary>
    public string? Text() => Flag() ? Encoding.UTF8.GetString(Bytes()) : null;

    /// <summary>Reads a text of which there are few: equal ones are one object.</summary>
    public string? KnownText()
    {
        if (Text() is not { } text)
            return null;
        if (_known.TryGetValue(text, out var known))
            return known;
        if (_known.Count < 4096)
            _known.Add(text, text);
        return text;
    }

    /// <summary>Makes sure that nothing follows.</summary>
    public void End()
    {
        if (_start < _end || source(_buffer) > 0)
            throw new SnapshotException("something follows the end");
    }

    private byte Next()
    {
        if (_start == _end)
            Fill();
        return _buffer[_start++];
    }

    private void Fill()
    {
        (_start, _end) = (0, source(_buffer));
        if (_end == 0)
            throw new SnapshotException("it ends too early");
    }
}

/// <summary>A snapshot is none, or is broken.</summary>
public sealed class SnapshotException : Exception
{
    /// <summary>Makes one.</summary>
    public SnapshotException(string message)
        : base(message)
    {
    }
}
