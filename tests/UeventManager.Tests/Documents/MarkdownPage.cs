using System.Text.RegularExpressions;
using UeventManager.Tests.House;

namespace UeventManager.Tests.Documents;

/// <summary>A document of this project: its headings, links and commands.</summary>
internal sealed partial class MarkdownPage
{
    private readonly string[] _lines;

    private MarkdownPage(string path)
    {
        Path = path;
        _lines = File.ReadAllLines(System.IO.Path.Combine(SourceTree.Root, path));
    }

    /// <summary>Relative to the root of the source.</summary>
    public string Path { get; }

    public IReadOnlyList<string> Lines => _lines;

    /// <summary>Every document that is written by hand.</summary>
    public static IReadOnlyList<MarkdownPage> All { get; } =
    [
        .. Directory.EnumerateFiles(SourceTree.Root, "*.md").Concat(new[] { "docs", "samples", "src" }
            .SelectMany(folder => Directory.EnumerateFiles(System.IO.Path.Combine(SourceTree.Root, folder), "*.md", SearchOption.AllDirectories)))
            .Select(file => System.IO.Path.GetRelativePath(SourceTree.Root, file))
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).Select(file => new MarkdownPage(file)),
    ];

    public static MarkdownPage Of(string path) => All.Single(page => page.Path == path);

    /// <summary>Headings outside of code, without their marks.</summary>
    public IEnumerable<string> Headings => Prose().Where(line => line.StartsWith('#')).Select(line => line.TrimStart('#').Trim());

    /// <summary>The anchors that GitHub makes of the headings.</summary>
    public IEnumerable<string> Anchors =>
        Headings.Select(heading => NotInAnchors().Replace(heading.ToLowerInvariant(), "").Replace(' ', '-'));

    /// <summary>The targets of links to files of this project and to places in them.</summary>
    public IEnumerable<string> Links => Prose().SelectMany(line => Link().Matches(CodeSpan().Replace(line, "")).Select(match => match.Groups[1].Value))
        .Where(target => !target.Contains("://", StringComparison.Ordinal));

    /// <summary>What is printed as code within a line.</summary>
    public IEnumerable<string> CodeSpans => Prose().SelectMany(line => CodeSpan().Matches(line).Select(match => match.Value.Trim('`')));

    /// <summary>The lines of code blocks; a line that a backslash continues is one.</summary>
    public IEnumerable<string> Code
    {
        get
        {
            string before = "";
            foreach (var (line, isCode) in Marked())
            {
                if (!isCode)
                    continue;
                var text = before + line.Trim();
                before = text.EndsWith('\\') ? text[..^1] : "";
                if (before.Length == 0)
                    yield return text;
            }
        }
    }

    private IEnumerable<string> Prose() => Marked().Where(one => !one.IsCode).Select(one => one.Line);

    // Indented text behind a list's item is prose; behind an empty line it is code.
    private IEnumerable<(string Line, bool IsCode)> Marked()
    {
        bool fenced = false, code = false;
        var before = "";
        foreach (var line in _lines)
        {
            var fence = line.StartsWith("```", StringComparison.Ordinal);
            fenced ^= fence;
            code = line.StartsWith("    ", StringComparison.Ordinal) && (code || before.Length == 0);
            if (!fence)
                yield return (line, fenced || code);
            before = line;
        }
    }

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("`[^`]+`")]
    private static partial Regex CodeSpan();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchors();
}
