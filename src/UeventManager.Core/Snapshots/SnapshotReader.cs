using System.Text;

namespace UeventManager.Core.Snapshots;

/// <summary>
/// Reads the output of a <see cref="SnapshotWriter"/>. Trusts no length: an impossible value throws <see cref="SnapshotException"/>.
/// </summary>
/// <param name="source">Gives the bytes in pieces.</param>
public sealed class SnapshotReader(SnapshotSource source)
{
    /// <summary>The most bytes of one value: the longest event of a ring, with its additional data.</summary>
    public const int MaxLength = 64 * 1024 * 1024;

    /// <summary>The longest text: an attribute's value is at most a page, and no other text is longer.</summary>
    public const int MaxText = 1024 * 1024;

    /// <summary>The largest count: no real count reaches it, and counting on from it does not overflow.</summary>
    public const long MaxCount = 1L << 60;

    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly Dictionary<string, string> _known = new(StringComparer.Ordinal);
    private byte[] _long = new byte[1024];
    private SnapshotClock? _clock;
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

    /// <summary>Reads a number between bounds.</summary>
    public int Number(int least, int most)
    {
        var value = Number();
        return value >= least && value <= most ? (int)value : throw new SnapshotException($"{value} is not between {least} and {most}");
    }

    /// <summary>Reads a count: a SEQNUM, an id, a place in an order.</summary>
    public long Count()
    {
        var value = Number();
        return value is >= 0 and <= MaxCount ? value : throw new SnapshotException($"{value} is not a count");
    }

    /// <summary>Reads the clock of the following times.</summary>
    /// <param name="nowUsec">Now.</param>
    /// <param name="name">The identity of the present clock, or null.</param>
    /// <returns>The translation to the present clock.</returns>
    public SnapshotClock Clock(long nowUsec, string? name)
    {
        var clock = new SnapshotClock(Count(), nowUsec, Text() == name);
        _clock = clock;
        return clock;
    }

    /// <summary>Reads a time and translates it to the present clock. A time after the writing is invalid.</summary>
    public long Time()
    {
        var usec = Count();
        if (_clock is not { } clock)
            return usec;
        return usec <= clock.SavedUsec ? clock.Translate(usec) : throw new SnapshotException("a time lies in the future");
    }

    /// <summary>Reads yes or no.</summary>
    public bool Flag() => Number(0, 1) == 1;

    /// <summary>Reads bytes; valid until the next call.</summary>
    /// <param name="most">The most bytes allowed.</param>
    public ReadOnlySpan<byte> Bytes(int most = MaxLength)
    {
        var length = Number(0, most);
        if (length <= _end - _start)
        {
            _start += length;
            return _buffer.AsSpan(_start - length, length);
        }
        // The length may promise more than follows, so memory grows only with the bytes that arrive.
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
    public string? Text() => Flag() ? Encoding.UTF8.GetString(Bytes(MaxText)) : null;

    /// <summary>Reads a text from a small set of different texts: equal ones become one object.</summary>
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

    /// <summary>Checks that nothing follows.</summary>
    public void End()
    {
        if (_start < _end || source(_buffer) > 0)
            throw new SnapshotException("there is data after the end");
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

/// <summary>A snapshot is invalid or broken.</summary>
public sealed class SnapshotException : Exception
{
    /// <summary>Creates the exception.</summary>
    public SnapshotException(string message)
        : base(message)
    {
    }
}
