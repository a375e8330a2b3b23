namespace UeventManager.RuleFiles;

/// <summary>Finds valid patterns that can never match.</summary>
internal static class Impossible
{
    /// <summary>The error in a pattern for one component of a path, or null.</summary>
    public static string? InName(string pattern) =>
        pattern.Length == 0 ? "it is empty" : pattern.Contains('/') ? "it can never match (one name has no '/')" : null;

    /// <summary>The error in a pattern for a devpath, or null.</summary>
    public static string? InDevPath(string pattern) =>
        pattern.Length == 0 ? "it is empty" : pattern[0] is '/' or '*' ? null : "it can never match (a devpath begins with '/devices/')";

    /// <summary>The error in a pattern for a text that is never empty, or null.</summary>
    public static string? InText(string pattern) => pattern.Length == 0 ? "it is empty" : null;
}
