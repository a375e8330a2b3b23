namespace UeventManager.Core.Rules;

/// <summary>One element of a <see cref="Glob"/> that stands for one character: a literal, <c>?</c> or a set.</summary>
internal static class GlobToken
{
    /// <summary>Whether the first element of a pattern, which is no star, matches a character.</summary>
    /// <param name="pattern">The rest of a pattern; not empty.</param>
    /// <param name="c">The character.</param>
    /// <param name="length">How many characters the element takes.</param>
    public static bool Matches(ReadOnlySpan<char> pattern, char c, out int length)
    {
        length = 1;
        if (pattern[0] == '?')
            return c != '/';
        if (pattern[0] != '[')
            return pattern[0] == c;
        length = SetLength(pattern);
        return c != '/' && InSet(pattern[1..(length - 1)], c);
    }

    /// <summary>Length of the set that a text begins with, brackets included; 0 if it has no end.</summary>
    public static int SetLength(ReadOnlySpan<char> text)
    {
        // As in fnmatch(3), a ']' that stands first (after the negation) is an ordinary character.
        var first = text.Length > 1 && text[1] is '!' or '^' ? 2 : 1;
        if (first + 1 > text.Length)
            return 0;
        var end = text[(first + 1)..].IndexOf(']');
        return end < 0 ? 0 : first + end + 2;
    }

    /// <summary>What is wrong with a set, brackets included, or null.</summary>
    public static string? SetError(ReadOnlySpan<char> set)
    {
        var inside = set[1] is '!' or '^' ? set[2..^1] : set[1..^1];
        for (var i = 0; i + 2 < inside.Length; i++)
        {
            if (inside[i + 1] != '-')
                continue;
            if (inside[i] > inside[i + 2])
                return $"the range '{inside[i]}-{inside[i + 2]}' is empty";
            i += 2;
        }
        return null;
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
}
