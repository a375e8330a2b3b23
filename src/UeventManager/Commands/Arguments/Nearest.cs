namespace UeventManager.Commands.Arguments;

/// <summary>Finds the word that was probably intended.</summary>
internal static class Nearest
{
    /// <summary>Finds the nearest word.</summary>
    /// <param name="word">The written word.</param>
    /// <param name="known">The possible words.</param>
    /// <returns>The nearest word, or null if none is near: a third of its letters, or two, may be wrong, but less than half.</returns>
    public static string? To(string word, IEnumerable<string> known) => NearestWord.Of(word, known, static (mistakes, written, right) =>
        mistakes <= Math.Max(2, right / 3) && 2 * mistakes < Math.Max(written, right));
}
