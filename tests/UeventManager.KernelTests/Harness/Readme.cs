namespace UeventManager.KernelTests.Harness;

/// <summary>README.md as a reader sees it: sections, and the blocks of code in them.</summary>
public static class Readme
{
    public static IReadOnlyList<(string Title, IReadOnlyList<string> Blocks)> Sections { get; } = Read(File.ReadAllLines(Path.Combine(Repository.Root, "README.md")));

    private static List<(string, IReadOnlyList<string>)> Read(string[] lines)
    {
        var sections = new List<(string, IReadOnlyList<string>)>();
        List<string> blocks = [], block = [];
        var fenced = false;
        foreach (var line in lines.Append(""))
        {
            var fence = line.StartsWith("```", StringComparison.Ordinal);
            var code = !fence && (fenced || line.StartsWith("    ", StringComparison.Ordinal));
            if (code)
                block.Add(fenced ? line : line[4..]);
            else if (block.Count > 0)
            {
                blocks.Add(string.Join('\n', block));
                block = [];
            }
            fenced ^= fence;
            if (!fenced && line.StartsWith('#'))
            {
                blocks = [];
                sections.Add((line.TrimStart('#', ' '), blocks));
            }
        }
        return sections;
    }
}
