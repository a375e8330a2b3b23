namespace UeventManager.Core.Rules;

/// <summary>
/// A pattern with several stars, with one bit for each place that the text may have reached: one character of the text moves all bits together, 64 in
/// one operation. So a match costs the length of the text times <see cref="Words"/>, whatever the pattern and the text are.
/// </summary>
internal sealed class GlobStates
{
    private const int Ascii = 128;

    // Place i is reached when i elements that are not stars have matched; a star keeps the place before it.
    private readonly ulong[] _stays;
    private readonly ulong[] _staysAtSlash;

    // The places that a character leads to: one row for each ASCII character, and one for all others.
    private readonly ulong[] _leadsTo;

    // Elements that name characters beyond ASCII: checked one by one, because such characters are rare.
    private readonly (GlobToken Token, int Place)[] _others;
    private readonly int _end;

    /// <summary>Compiles a pattern.</summary>
    public GlobStates(List<GlobToken> tokens)
    {
        _end = tokens.Count(token => !token.IsStar);
        Words = (_end / 64) + 1;
        (_stays, _staysAtSlash) = (new ulong[Words], new ulong[Words]);
        var places = new List<(GlobToken Token, int Place)>(_end);
        foreach (var token in tokens)
        {
            if (!token.IsStar)
                places.Add((token, places.Count + 1));
            else if (token.Kind == GlobTokenKind.DeepStar)
                Set(_staysAtSlash, places.Count);
            if (token.IsStar)
                Set(_stays, places.Count);
        }
        _others = [.. places.Where(place => place.Token is { Literal: >= (char)Ascii } or { Set.HasOthers: true })];
        _leadsTo = Compile(places);
    }

    /// <summary>Operations per character of the text.</summary>
    public int Words { get; }

    /// <summary>Whether the whole text matches.</summary>
    public bool Match(ReadOnlySpan<char> text) => Words == 1 ? MatchOne(text) : MatchMore(text);

    private bool MatchOne(ReadOnlySpan<char> text)
    {
        Span<ulong> own = stackalloc ulong[1];
        var now = 1UL;
        foreach (var c in text)
        {
            now = ((now << 1) & LeadsTo(c, own)[0]) | (now & (c == '/' ? _staysAtSlash : _stays)[0]);
            if (now == 0)
                return false;
        }
        return (now >> _end & 1) != 0;
    }

    private bool MatchMore(ReadOnlySpan<char> text)
    {
        Span<ulong> now = stackalloc ulong[Words];
        Span<ulong> own = stackalloc ulong[Words];
        now.Clear();
        now[0] = 1;
        foreach (var c in text)
        {
            var leadsTo = LeadsTo(c, own);
            var stays = c == '/' ? _staysAtSlash : _stays;
            ulong carry = 0, any = 0;
            for (var i = 0; i < now.Length; i++)
            {
                var before = now[i];
                any |= now[i] = (((before << 1) | carry) & leadsTo[i]) | (before & stays[i]);
                carry = before >> 63;
            }
            if (any == 0)
                return false;
        }
        return (now[_end / 64] >> (_end % 64) & 1) != 0;
    }

    private ReadOnlySpan<ulong> LeadsTo(char c, Span<ulong> own)
    {
        if (c < Ascii)
            return _leadsTo.AsSpan(c * Words, Words);
        _leadsTo.AsSpan(Ascii * Words, Words).CopyTo(own);
        foreach (var (token, place) in _others)
        {
            own[place / 64] &= ~(1UL << (place % 64));
            if (token.Matches(c))
                Set(own, place);
        }
        return own;
    }

    private ulong[] Compile(List<(GlobToken Token, int Place)> places)
    {
        var rows = new ulong[(Ascii + 1) * Words];
        foreach (var (token, place) in places)
        {
            if (token.Kind != GlobTokenKind.Literal)
                AddToAll(rows, token, place);
            else if (token.Literal < Ascii)
                Set(rows.AsSpan(token.Literal * Words, Words), place);
        }
        return rows;
    }

    private void AddToAll(ulong[] rows, GlobToken token, int place)
    {
        for (var c = 0; c <= Ascii; c++)
        {
            // The last row is for characters that only _others distinguish.
            if (token.Matches(c == Ascii ? char.MaxValue : (char)c))
                Set(rows.AsSpan(c * Words, Words), place);
        }
    }

    private static void Set(Span<ulong> bits, int place) => bits[place / 64] |= 1UL << (place % 64);
}
