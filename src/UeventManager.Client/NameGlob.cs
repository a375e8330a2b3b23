namespace UeventManager.Client;

/// <summary>The globs of filters: <c>*</c> stops at <c>/</c>, <c>**</c> does not, <c>?</c>, <c>[a-z]</c>, <c>[!a-z]</c>; a leading <c>!</c> negates.
/// Over a value a slash is a character like any other, and trailing white space does not count.</summary>
internal static class NameGlob
{
    // No text contains it: over a value nothing stops a star.
    private const char NoBorder = '\uffff';
    private const string Padding = " \t\n\v\f\r\0";

    public static bool Matches(string glob, string? text)
    {
        bool negated = glob.StartsWith('!');
        return (text is not null && Matches(glob.AsSpan(negated ? 1 : 0), text, '/')) != negated;
    }

    public static bool MatchesValue(string glob, string? text)
    {
        bool negated = glob.StartsWith('!');
        return (text is not null && Matches(glob.AsSpan(negated ? 1 : 0).TrimEnd(Padding), text.AsSpan().TrimEnd(Padding), NoBorder)) != negated;
    }

    private static bool Matches(ReadOnlySpan<char> glob, ReadOnlySpan<char> text, char border)
    {
        while (glob.Length > 0)
        {
            if (glob[0] == '*')
                return MatchesStar(glob, text, border);
            if (text.Length == 0 || !MatchesOne(ref glob, text[0], border))
                return false;
            text = text[1..];
        }
        return text.Length == 0;
    }

    private static bool MatchesStar(ReadOnlySpan<char> glob, ReadOnlySpan<char> text, char border)
    {
        bool crosses = glob.StartsWith("**");
        ReadOnlySpan<char> rest = glob.TrimStart('*');
        for (int i = 0; i <= text.Length; i++)
        {
            if (Matches(rest, text[i..], border))
                return true;
            if (i < text.Length && text[i] == border && !crosses)
                return false;
        }
        return false;
    }

    private static bool MatchesOne(ref ReadOnlySpan<char> glob, char c, char border)
    {
        char first = glob[0];
        int end = first == '[' ? ClassEnd(glob) : -1;
        if (end > 0)
        {
            bool matches = c != border && InClass(glob[1..end], c);
            glob = glob[(end + 1)..];
            return matches;
        }
        glob = glob[1..];
        return first == '?' ? c != border : c == first;
    }

    private static int ClassEnd(ReadOnlySpan<char> glob)
    {
        int start = glob.Length > 1 && glob[1] is '!' or '^' ? 3 : 2;
        int end = start < glob.Length ? glob[start..].IndexOf(']') : -1;
        return end < 0 ? -1 : start + end;
    }

    private static bool InClass(ReadOnlySpan<char> set, char c)
    {
        bool negated = set[0] is '!' or '^';
        if (negated)
            set = set[1..];
        bool found = false;
        for (int i = 0; i < set.Length; i++)
        {
            bool isRange = i + 2 < set.Length && set[i + 1] == '-';
            found |= isRange ? set[i] <= c && c <= set[i + 2] : set[i] == c;
            i += isRange ? 2 : 0;
        }
        return found != negated;
    }
}
