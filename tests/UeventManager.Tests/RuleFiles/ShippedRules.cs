using System.Runtime.CompilerServices;

namespace UeventManager.Tests.RuleFiles;

/// <summary>Where the repository keeps the rules that are shipped.</summary>
internal static class ShippedRules
{
    public static string Folder { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "../../../rules"));

    public static string Examples { get; } = Path.Combine(Folder, "examples");

    public static IReadOnlyList<string> Files { get; } =
        [.. Directory.GetFiles(Folder, "*.yaml", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    private static string Here([CallerFilePath] string path = "") => path;
}
