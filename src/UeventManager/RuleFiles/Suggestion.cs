namespace UeventManager.RuleFiles;

/// <summary>The word that was probably meant.</summary>
internal static class Suggestion
{
    // Longer texts are no typing errors of a key, and the distance costs their product.
    private const int MaxChars = 40;

    /// <summary><c>did you mean 'x'?</c> for the nearest word, else <c>one of: …</c>.</summary>
    public static string For(string word, IEnumerable<string> right) =>
        Nearest(word, right) is { } near ? $"did you mean '{near}'?" : $"one of: {string.Join(", ", right)}";

    /// <summary>The nearest word that a third of the letters or fewer separate, or null.</summary>
    public static string? Nearest(string word, IEnumerable<string> right)
    {
        if (word.Length > MaxChars)
            return null;
        string? best = null;
        var bestDistance = int.MaxValue;
        foreach (var candidate in right)
        {
            var distance = Distance(word.ToLowerInvariant(), candidate.ToLowerInvariant());
            var most = Math.Min(Math.Max(1, Math.Max(word.Length, candidate.Length) / 3), candidate.Length - 1);
            if (distance < bestDistance && distance <= most)
                (best, bestDistance) = (candidate, distance);
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
