namespace UeventManager.Core.Rules;

/// <summary>The possible texts of a value, so that two patterns are compared only on these.</summary>
/// <param name="HasSlash">True if the value can contain a slash.</param>
/// <param name="IsAlwaysThere">True if the value is never missing and never empty.</param>
internal readonly record struct GlobDomain(bool HasSlash, bool IsAlwaysThere);

/// <summary>Decides whether one pattern matches every text that another one matches, by following the states of both over all texts.</summary>
internal static class GlobInclusion
{
    // A state is a position in the pattern, and a set of them fits in one number.
    private const int MaxElements = 127;

    // Limits the pairs of state sets; beyond it the answer is no.
    private const int MaxPairs = 4_096;

    /// <summary>True if <paramref name="wider"/> certainly matches every text of the domain that <paramref name="narrower"/> matches.</summary>
    public static bool Covers(Glob wider, Glob narrower, GlobDomain domain)
    {
        // Only a negated pattern matches a missing value.
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
                // The narrower pattern matches no text that begins like this.
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

    // Character sets begin and end at characters of the patterns, so these and their neighbours represent all others.
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

    // A star may match nothing.
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

    // A set ends where it first is a valid pattern by itself.
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
