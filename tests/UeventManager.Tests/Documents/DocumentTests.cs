using System.Text;
using System.Text.RegularExpressions;
using UeventManager.Tests.House;

namespace UeventManager.Tests.Documents;

/// <summary>Links, commands and files that documents name exist.</summary>
public sealed partial class DocumentTests
{
    [Fact]
    public void Every_link_leads_to_a_file_and_a_heading()
    {
        Assert.True(MarkdownPage.All.Count > 20, $"{MarkdownPage.All.Count} documents");
        Assert.True(MarkdownPage.All.Sum(page => page.Links.Count()) > 60);
        Assert.Empty(MarkdownPage.All.SelectMany(page => page.Links.Where(link => !Exists(page, link)).Select(link => $"{page.Path}: {link}")));
    }

    [Fact]
    public void Every_document_can_be_reached_from_the_readme()
    {
        var reached = new HashSet<string> { "README.md" };
        var left = new Queue<string>(reached);
        while (left.TryDequeue(out var path))
        {
            var page = MarkdownPage.Of(path);
            foreach (var next in page.Links.Select(link => Target(page, link).File).Where(file => file.EndsWith(".md", StringComparison.Ordinal) && reached.Add(file)))
                left.Enqueue(next);
        }
        Assert.Empty(MarkdownPage.All.Select(page => page.Path).Except(reached));
    }

    [Fact]
    public void Every_path_of_the_source_that_a_document_names_is_there()
    {
        var named = MarkdownPage.All.Where(page => page.Path != "CHANGELOG.md")
            .SelectMany(page => page.CodeSpans.Where(span => SourcePath().IsMatch(span)).Select(span => (page.Path, Span: span))).ToList();
        Assert.True(named.Count > 20, $"{named.Count} paths");
        Assert.Empty(named.Where(one => !Glob(one.Span)).Select(one => $"{one.Path}: {one.Span}"));
    }

    [Fact]
    public void Every_make_target_that_a_document_names_is_one()
    {
        var targets = Makefile.Targets;
        var named = MarkdownPage.All.SelectMany(page => page.CodeSpans.Concat(page.Code).SelectMany(text => MakeTarget().Matches(text))
            .Select(match => (page.Path, Target: match.Groups[1].Value))).ToList();
        Assert.True(named.Count > 30, $"{named.Count} targets");
        Assert.Empty(named.Where(one => !targets.Contains(one.Target)).Select(one => $"{one.Path}: make {one.Target}"));
    }

    [Fact]
    public void Make_help_has_a_line_for_each_target()
    {
        Assert.Empty(Makefile.Targets.Except(Makefile.Internal).Except(Makefile.Help.Keys));
        Assert.Empty(Makefile.Help.Keys.Except(Makefile.Targets));
        Assert.All(Makefile.Help.Values, text => Assert.InRange(text.Length, 10, 100));
    }

    [Fact]
    public void The_readme_is_short_and_in_the_order_in_which_a_newcomer_asks()
    {
        var readme = MarkdownPage.Of("README.md");
        Assert.InRange(Encoding.UTF8.GetByteCount(string.Join('\n', readme.Lines)), 1, 6_000);
        Assert.All(readme.Lines, line => Assert.InRange(line.Length, 0, 100));
        Assert.Equal(
            ["UeventManager", "Do you need it?", "Try it", "Install", "A first rule", "Subscribe", "libvirt, containers, fleets", "When something is missing", "Links"],
            readme.Headings);
    }

    [Fact]
    public void The_architecture_fits_on_two_screens() =>
        Assert.InRange(MarkdownPage.Of("ARCHITECTURE.md").Lines.Count, 1, 120);

    [Fact]
    public void The_script_for_merging_runs_only_commands_that_CONTRIBUTING_and_README_name()
    {
        string[] commands = [.. File.ReadLines(Path.Combine(SourceTree.Root, ".ci/run")).Skip(5).Where(line => line.Length > 0)
            .Select(line => line.Replace(" --no-print-directory", "", StringComparison.Ordinal))];
        Assert.Contains("make test", commands);
        var spans = MarkdownPage.Of("CONTRIBUTING.md").CodeSpans.ToHashSet();
        Assert.All(commands, command => Assert.Contains(command, spans));
        Assert.All(commands.Where(command => !command.StartsWith("dotnet format", StringComparison.Ordinal)), command => Assert.Contains(command, MarkdownPage.Of("README.md").CodeSpans));
    }

    [Fact]
    public void Every_guarantee_is_defined_once_and_no_other_is_cited()
    {
        string[] defined = [.. MarkdownPage.Of("docs/guarantees.md").Headings.Where(heading => heading.StartsWith('G') && heading.Contains(':', StringComparison.Ordinal))
            .Select(heading => heading[..heading.IndexOf(':', StringComparison.Ordinal)])];
        Assert.Equal(Enumerable.Range(1, 11).Select(number => $"G{number}"), defined);
        var cited = SourceTree.Files("src", "tests").SelectMany(file => file.Lines.Where(line => line.Contains("//", StringComparison.Ordinal)).SelectMany(line => Guarantee().Matches(line)))
            .Select(match => match.Value).ToHashSet();
        Assert.True(cited.Count >= 8, string.Join(' ', cited));
        Assert.Empty(cited.Except(defined));
    }

    private static bool Exists(MarkdownPage page, string link)
    {
        var (file, anchor) = Target(page, link);
        if (!Path.Exists(Path.Combine(SourceTree.Root, file)))
            return false;
        return anchor.Length == 0 || MarkdownPage.Of(file).Anchors.Contains(anchor);
    }

    private static (string File, string Anchor) Target(MarkdownPage page, string link)
    {
        var parts = link.Split('#', 2);
        var folder = Path.GetDirectoryName(page.Path)!;
        var file = parts[0].Length == 0 ? page.Path : Path.GetRelativePath(SourceTree.Root, Path.GetFullPath(Path.Combine(SourceTree.Root, folder, parts[0])));
        return (file, parts.Length > 1 ? parts[1] : "");
    }

    private static bool Glob(string path)
    {
        var full = Path.Combine(SourceTree.Root, path);
        return path.Contains('*', StringComparison.Ordinal)
            ? Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(full)!, Path.GetFileName(full)).Any()
            : Path.Exists(full);
    }

    [GeneratedRegex("^(src|tests|docs|rules|packaging|samples|systemd)/[A-Za-z0-9._/*-]+$")]
    private static partial Regex SourcePath();

    [GeneratedRegex(@"(?:^|[;&(] ?)make ([a-z][a-z0-9-]*)")]
    private static partial Regex MakeTarget();

    [GeneratedRegex(@"\bG[0-9]{1,2}\b")]
    private static partial Regex Guarantee();
}
