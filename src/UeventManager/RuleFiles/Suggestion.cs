namespace UeventManager.RuleFiles;

/// <summary>Suggests the word that was probably intended.</summary>
internal static class Suggestion
{
    /// <summary><c>did you mean 'x'?</c> for the nearest word, else <c>one of: …</c>.</summary>
    public static string For(string word, IEnumerable<string> right) =>
        Nearest(word, right) is { } near ? $"did you mean '{near}'?" : $"one of: {string.Join(", ", right)}";

    /// <summary>The nearest word, if at most a third of its letters, or one letter, differs; else null.</summary>
    public static string? Nearest(string word, IEnumerable<string> right) => NearestWord.Of(word, right, static (mistakes, written, known) =>
        mistakes < known && mistakes <= Math.Max(1, Math.Max(written, known) / 3));
}
