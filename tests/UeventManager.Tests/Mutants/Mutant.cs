using UeventManager.Tests.House;

namespace UeventManager.Tests.Mutants;

/// <summary>
/// One deliberate mistake in the engine that the simulator must find: a file of <c>tests/mutants</c> with the source file,
/// the test that finds it, the text that stands there and the text that takes its place.
/// </summary>
internal sealed record Mutant(string Name, string File, string Test, string Old, string New)
{
    private const string BeforeOld = "\n--- old\n";
    private const string BeforeNew = "\n--- new\n";

    public static IReadOnlyList<Mutant> All() =>
        [.. Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "tests", "mutants"), "*.txt").Order(StringComparer.Ordinal).Select(Read)];

    /// <summary>The source with the mistake in it.</summary>
    public string Apply(string source)
    {
        var at = source.IndexOf(Old, StringComparison.Ordinal);
        Assert.True(at >= 0, $"tests/mutants/{Name}.txt: its old text is not in {File} any more: write what stands there now");
        Assert.True(source.IndexOf(Old, at + 1, StringComparison.Ordinal) < 0, $"tests/mutants/{Name}.txt: its old text is in {File} more than once");
        return source[..at] + New + source[(at + Old.Length)..];
    }

    private static Mutant Read(string path)
    {
        var text = System.IO.File.ReadAllText(path);
        var name = Path.GetFileNameWithoutExtension(path);
        var (old, now) = (text.IndexOf(BeforeOld, StringComparison.Ordinal), text.IndexOf(BeforeNew, StringComparison.Ordinal));
        Assert.True(old > 0 && now > old, $"{path}: wants the file, the test, '--- old' and '--- new'");
        var head = text[..old].Split('\n');
        Assert.Equal(2, head.Length);
        return new Mutant(name, head[0], head[1], text[(old + BeforeOld.Length)..now], text[(now + BeforeNew.Length)..].TrimEnd('\n'));
    }
}
