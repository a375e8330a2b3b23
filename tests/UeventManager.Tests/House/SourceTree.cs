using System.Runtime.CompilerServices;

namespace UeventManager.Tests.House;

/// <summary>The source as it stands on disk.</summary>
internal static class SourceTree
{
    public static string Root { get; } = FindRoot();

    public static IEnumerable<SourceFile> Files(params string[] folders)
    {
        foreach (var folder in folders)
        {
            foreach (var path in Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories))
            {
                var relative = Path.GetRelativePath(Root, path);
                if (!relative.Contains("/obj/", StringComparison.Ordinal) && !relative.Contains("/bin/", StringComparison.Ordinal))
                    yield return new SourceFile(relative, File.ReadAllLines(path));
            }
        }
    }

    private static string FindRoot([CallerFilePath] string here = "")
    {
        var directory = Path.GetDirectoryName(here);
        while (directory is not null && !File.Exists(Path.Combine(directory, "UeventManager.sln")))
            directory = Path.GetDirectoryName(directory);
        return directory ?? throw new InvalidOperationException("no UeventManager.sln above this file");
    }
}

/// <param name="Path">Relative to the root.</param>
/// <param name="Lines">Its lines.</param>
internal sealed record SourceFile(string Path, string[] Lines)
{
    public IEnumerable<string> Imports => Lines.Where(l => l.StartsWith("using ", StringComparison.Ordinal) && l.EndsWith(';')).Select(l => l[6..^1]);

    public IEnumerable<string> Code => Lines.Where(l => !l.TrimStart().StartsWith("//", StringComparison.Ordinal));

    public string Folder => Path.Split('/') is { Length: > 3 } parts ? parts[2] : "";
}
