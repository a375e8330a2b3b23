namespace UeventManager.Commands.Arguments;

/// <summary>Finds the word that was meant.</summary>
internal static class Nearest
{
    /// <summary>Finds the nearest word.</summary>
    /// <param name="word">What was written.</param>
    /// <param name="known">What could have been.</param>
    /// <returns>The nearest, or null if none is near: a third of its letters may be wrong, or two, but less than half.</returns>
    public static string? To(string word, IEnumerable<string> known) => NearestWord.Of(word, known, static (mistakes, written, right) =>
        mistakes <= Math.Max(2, right / 3) && 2 * mistakes < Math.Max(written, right));
}
