using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using UeventManager.Commands;
using UeventManager.Tests.House;

namespace UeventManager.Tests.Documents;

/// <summary>Commands and manual pages that documents name exist and are understood.</summary>
public sealed partial class CommandsInDocumentsTests
{
    private static readonly ParserConfiguration NoResponseFiles = new() { ResponseFileTokenReplacer = null };

    [Fact]
    public void Every_ueventctl_command_in_a_code_block_is_understood()
    {
        var root = CommandLine.Build();
        var lines = MarkdownPage.All.SelectMany(page => page.Code.SelectMany(line => Command().Matches(line)).Select(match => (page.Path, Line: match.Groups[1].Value))).ToList();
        Assert.True(lines.Count > 40, $"{lines.Count} commands");
        var wrong = new List<string>();
        foreach (var (path, line) in lines)
        {
            var filledIn = Placeholder().Replace(line, "1").Replace('\'', '"');
            var parsed = root.Parse([.. CommandLineParser.SplitCommandLine(filledIn)], NoResponseFiles);
            wrong.AddRange(parsed.Errors.Select(error => $"{path}: ueventctl {line}: {error.Message}"));
        }
        Assert.Empty(wrong);
    }

    [Fact]
    public void Every_manual_page_of_this_project_that_is_named_is_there()
    {
        string[] pages = [.. Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "packaging/man")).Select(file => Path.GetFileName(file)!)];
        Assert.True(pages.Length >= 5);
        foreach (var page in pages)
        {
            var text = File.ReadAllText(Path.Combine(SourceTree.Root, "packaging/man", page)).Replace("\\-", "-", StringComparison.Ordinal);
            string[] named = [.. Reference().Matches(text).Select(match => $"{match.Groups[1].Value}.{match.Groups[2].Value}")];
            Assert.Contains(".SH SEE ALSO", text, StringComparison.Ordinal);
            Assert.NotEmpty(named);
            Assert.Empty(named.Except(pages));
            Assert.DoesNotContain(page, Reference().Matches(text[text.IndexOf(".SH SEE ALSO", StringComparison.Ordinal)..]).Select(match => $"{match.Groups[1].Value}.{match.Groups[2].Value}"));
        }
        string[] inDocuments = [.. MarkdownPage.All.SelectMany(page => page.CodeSpans.SelectMany(span => Man().Matches(span)).Select(match => $"{match.Groups[2].Value}.{match.Groups[1].Value}"))];
        Assert.True(inDocuments.Length > 5);
        Assert.Empty(inDocuments.Except(pages));
    }

    // Up to what is the shell's or a comment.
    [GeneratedRegex(@"(?:^|[ /(])ueventctl ((?:[^#;|>)""']|""[^""]*""|'[^']*')*?)(?: *$| +#| *[;|>)])")]
    private static partial Regex Command();

    // The number of a process, which the reader or a command fills in.
    [GeneratedRegex(@"""\$\([^)]*\)""|\bPID\b")]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"(uevent[a-z-]*(?:\.rules)?) ?\(([1-8])\)")]
    private static partial Regex Reference();

    [GeneratedRegex(@"^man ([1-8]) (\S+)$")]
    private static partial Regex Man();
}
