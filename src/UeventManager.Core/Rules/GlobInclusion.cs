namespace UeventManager.Core.Rules;

/// <summary>Which texts a value can be, so that two patterns are compared on those alone.</summary>
/// <param name="HasSlash">True if there can be a slash in it.</param>
/// <param name="IsAlwaysThere">True if it is never missing, and never empty.</param>
internal readonly record struct GlobDomain(bool HasSlash, bool IsAlwaysThere);

/// <summary>Whether one pattern matches whatever another one does: the states of both are followed together over all texts.</summary>
internal static class GlobInclusion
{
    // A state is a position in the pattern, and a set of them fits in one number.
    private const int MaxElements = 127;

    // More pairs of sets than this are not followed; what is not known to be included is not.
    private const int MaxPairs = 4_096;

    /// <summary>True if <paramref name="wider"/> is known to match every text of the domain that <paramref name="narrower"/> matches.</summary>
    public static bool Covers(Glob wider, Glob narrower, GlobDomain domain)
    {
        // Only a negated pattern matches what is missing.
        if (!domain.IsAlwaysThere && narrower.Negated && !wider.Negated)
            return false;
        if (wider.Text == narrower.Text && wider.Subject == narrower.Subject)
            return true;
        var (wide, narrow) = (Elements(wider), Elements(narrower));
        if (wide.Count > MaxElements || narrow.Count > MaxElements)
            return false;
        var characters = Characters(wider.Text + narrower.Text, domain);
        var start = (Wide: Closure(wide, UInt128.One), Narrow: Closure(narrow, UInt128.One));
        var seen = new HashSet<(UInt128, UInt128)> { start };
        var next = new Queue<(UInt128 Wide, UInt128 Narrow)>([start]);
        for (var isFirst = true; next.TryDequeue(out var pair); isFirst = false)
        {
            var isText = !isFirst || !domain.IsAlwaysThere;
            if (isText && IsEnd(narrow, pair.Narrow) != narrower.Negated && IsEnd(wide, pair.Wide) == wider.Negated)
                return false;
            foreach (var c in characters)
            {
                (UInt128 Wide, UInt128 Narrow) then = (Step(wide, pair.Wide, c), Step(narrow, pair.Narrow, c));
                // Nothing that begins so is matched by the narrower one.
                if (then.Narrow == 0 && !narrower.Negated)
                    continue;
                if (seen.Count > MaxPairs)
                    return false;
                if (seen.Add(then))
                    next.Enqueue(then);
            }
        }
        return true;
    }

    // What stands in a pattern is where sets of characters begin and end: these and their neighbours stand for all others.
    private static List<char> Characters(string patterns, GlobDomain domain) =>
    [
        .. patterns.Append('/').SelectMany(c => new[] { c - 1, c, c + 1 }).Where(c => c is > 0 and <= char.MaxValue)
            .Select(c => (char)c).Where(c => domain.HasSlash || c != '/').Distinct(),
    ];

    private static UInt128 Step(List<Element> pattern, UInt128 states, char c)
    {
        UInt128 next = 0;
        for (var p = 0; p < pattern.Count; p++)
        {
            if ((states >> p & 1) != 0 && pattern[p].Matches(c))
                next |= UInt128.One << (pattern[p].IsStar ? p : p + 1);
        }
        return Closure(pattern, next);
    }

    // A star may stand for nothing.
    private static UInt128 Closure(List<Element> pattern, UInt128 states)
    {
        for (var p = 0; p < pattern.Count; p++)
        {
            if ((states >> p & 1) != 0 && pattern[p].IsStar)
                states |= UInt128.One << (p + 1);
        }
        return states;
    }

    private static bool IsEnd(List<Element> pattern, UInt128 states) => (states >> pattern.Count & 1) != 0;

    private static List<Element> Elements(Glob glob)
    {
        var elements = new List<Element>();
        var rest = glob.Pattern.ToString();
        while (rest.Length > 0)
        {
            var length = rest.StartsWith("**", StringComparison.Ordinal) ? 2 : rest[0] == '[' ? SetLength(rest) : 1;
            elements.Add(new Element(rest[..length], length > 2 ? Glob.Parse(rest[..length], glob.Subject) : null, glob.Subject == GlobSubject.Value));
            rest = rest[length..];
        }
        return elements;
    }

    // A set ends where it first is a pattern of its own.
    private static int SetLength(string text)
    {
        var length = 3;
        while (!Glob.TryParse(text[..length], out _, out _))
            length++;
        return length;
    }

    private sealed record Element(string Text, Glob? Set, bool MatchesSlash)
    {
        public bool IsStar => Text[0] == '*';

        public bool Matches(char c) => Set is not null ? Set.Matches([c]) : Text switch
        {
            "**" => true,
            "*" or "?" => MatchesSlash || c != '/',
            _ => Text[0] == c,
        };
    }
}
