namespace UeventManager.Core.Rules;

/// <summary>Matches a pattern by following all its states together: the product of the lengths, whatever the pattern.</summary>
internal static class GlobStates
{
    /// <summary>Whether a well-formed pattern matches a whole text.</summary>
    public static bool Match(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        // A state is a position in the pattern that was reached; the last one is its end.
        var now = new bool[pattern.Length + 1];
        var next = new bool[pattern.Length + 1];
        now[0] = true;
        foreach (var c in text)
        {
            if (!Step(pattern, c, now, next))
                return false;
            (now, next) = (next, now);
            Array.Clear(next);
        }
        for (var p = 0; p < pattern.Length; p++)
        {
            if (now[p] && StarLength(pattern, p) is > 0 and var star)
                now[p + star] = true;
        }
        return now[pattern.Length];
    }

    private static bool Step(ReadOnlySpan<char> pattern, char c, bool[] now, bool[] next)
    {
        var any = false;
        for (var p = 0; p < pattern.Length; p++)
        {
            if (!now[p])
                continue;
            var star = StarLength(pattern, p);
            if (star > 0)
            {
                now[p + star] = true;
                any |= next[p] |= star == 2 || c != '/';
            }
            else if (GlobToken.Matches(pattern[p..], c, out var length))
            {
                any = next[p + length] = true;
            }
        }
        return any;
    }

    private static int StarLength(ReadOnlySpan<char> pattern, int p) =>
        pattern[p] != '*' ? 0 : p + 1 < pattern.Length && pattern[p + 1] == '*' ? 2 : 1;
}
