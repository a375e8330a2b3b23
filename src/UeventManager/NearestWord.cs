namespace UeventManager;

/// <summary>Finds the word that was meant.</summary>
internal static class NearestWord
{
    // Longer texts are not typing errors of a word, and the distance costs their product.
    private const int MaxChars = 40;

    /// <summary>The nearest of some words, upper and lower case alike, or null if none is near.</summary>
    /// <param name="word">What was written.</param>
    /// <param name="known">What could have been.</param>
    /// <param name="isNear">Whether so many mistakes are few enough, given the letters of the written and of the known word.</param>
    public static string? Of(string word, IEnumerable<string> known, Func<int, int, int, bool> isNear)
    {
        if (word.Length > MaxChars)
            return null;
        string? best = null;
        var least = int.MaxValue;
        foreach (var candidate in known)
        {
            var distance = Distance(word.ToLowerInvariant(), candidate.ToLowerInvariant());
            if (distance < least && isNear(distance, word.Length, candidate.Length))
                (best, least) = (candidate, distance);
        }
        return best;
    }

    /// <summary>Damerau-Levenshtein (optimal string alignment): insertions, deletions, substitutions, swapped neighbours.</summary>
    public static int Distance(string a, string b)
    {
        var before = new int[b.Length + 1];
        var last = new int[b.Length + 1];
        var row = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
            last[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = a[i - 1] == b[j - 1] ? 0 : 1;
                row[j] = Math.Min(Math.Min(row[j - 1] + 1, last[j] + 1), last[j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    row[j] = Math.Min(row[j], before[j - 2] + 1);
            }
            (before, last, row) = (last, row, before);
        }
        return last[b.Length];
    }
}
