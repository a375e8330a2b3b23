namespace UeventManager.Core.Rules;

/// <summary>
/// A pattern: <c>*</c> stops at a slash, <c>**</c> does not, <c>?</c> is one character but a slash, <c>[a-z]</c> and
/// <c>[!a-z]</c> are sets; a leading <c>!</c> negates the whole. Everything else is literal.
/// </summary>
public sealed class Glob
{
    private readonly string _pattern;
    private readonly bool _literal;

    private Glob(string text, string pattern, bool negated)
    {
        Text = text;
        _pattern = pattern;
        Negated = negated;
        _literal = pattern.AsSpan().IndexOfAny('*', '?', '[') < 0;
    }

    /// <summary>The pattern as written.</summary>
    public string Text { get; }

    /// <summary>True if a leading <c>!</c> turns the answer round.</summary>
    public bool Negated { get; }

    /// <summary>Reads a pattern.</summary>
    /// <param name="text">The pattern as written.</param>
    /// <param name="glob">The pattern, if it is one.</param>
    /// <param name="error">What is wrong with it, else null.</param>
    public static bool TryParse(string text, out Glob glob, out string? error)
    {
        var negated = text.StartsWith('!');
        var pattern = negated ? text[1..] : text;
        glob = new Glob(text, pattern, negated);
        error = pattern.Length == 0 && negated ? "'!' needs a pattern after it" : null;
        for (var i = 0; error is null && i < pattern.Length; i++)
        {
            if (pattern[i] != '[')
                continue;
            var end = SetEnd(pattern, i);
            if (end < 0)
                error = $"'[' at character {i + 1} has no ']'";
            else
                i = end;
        }
        return error is null;
    }

    /// <summary>Reads a pattern that is known to be right.</summary>
    /// <exception cref="FormatException">It is not.</exception>
    public static Glob Parse(string text) => TryParse(text, out var glob, out var error) ? glob : throw new FormatException(error);

    /// <summary>Whether a text matches. A text that is not there (null) matches only a negated pattern.</summary>
    public bool Matches(string? text) => text is null ? Negated : Matches(text.AsSpan());

    /// <summary>Whether a text matches.</summary>
    public bool Matches(ReadOnlySpan<char> text) =>
        (_literal ? text.SequenceEqual(_pattern) : Match(_pattern, text)) != Negated;

    /// <inheritdoc/>
    public override string ToString() => Text;

    // Two places to go back to, the last '*' and the last '**': linear in memory and never exponential in time.
    private static bool Match(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        int p = 0, t = 0, star = -1, starText = 0, deep = -1, deepText = 0;
        while (true)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                if (p + 1 < pattern.Length && pattern[p + 1] == '*')
                {
                    (deep, deepText, star) = (p += 2, t, -1);
                    continue;
                }
                (star, starText) = (++p, t);
                continue;
            }
            if (t == text.Length && p == pattern.Length)
                return true;
            if (t < text.Length && p < pattern.Length && MatchOne(pattern, ref p, text[t]))
            {
                t++;
                continue;
            }
            if (star >= 0 && starText < text.Length && text[starText] != '/')
                (p, t) = (star, ++starText);
            else if (deep >= 0 && deepText < text.Length)
                (p, t, star) = (deep, ++deepText, -1);
            else
                return false;
        }
    }

    private static bool MatchOne(ReadOnlySpan<char> pattern, ref int p, char c)
    {
        if (pattern[p] == '[')
        {
            var end = SetEnd(pattern, p);
            var hit = c != '/' && InSet(pattern[(p + 1)..end], c);
            if (hit)
                p = end + 1;
            return hit;
        }
        if (pattern[p] != c && (pattern[p] != '?' || c == '/'))
            return false;
        p++;
        return true;
    }

    private static bool InSet(ReadOnlySpan<char> set, char c)
    {
        var negated = set[0] is '!' or '^';
        if (negated)
            set = set[1..];
        var found = false;
        for (var i = 0; i < set.Length; i++)
        {
            if (i + 2 < set.Length && set[i + 1] == '-')
            {
                found |= c >= set[i] && c <= set[i + 2];
                i += 2;
            }
            else
            {
                found |= c == set[i];
            }
        }
        return found != negated;
    }

    // As in fnmatch(3), a ']' that stands first (after the negation) is an ordinary character.
    private static int SetEnd(ReadOnlySpan<char> pattern, int open)
    {
        var first = open + 1;
        if (first < pattern.Length && pattern[first] is '!' or '^')
            first++;
        if (first + 1 > pattern.Length)
            return -1;
        var end = pattern[Math.Min(first + 1, pattern.Length)..].IndexOf(']');
        return end < 0 ? -1 : first + 1 + end;
    }
}
