using System.Text.RegularExpressions;
using UeventManager.Tests.House;

namespace UeventManager.Tests.Documents;

/// <summary>The targets of the Makefile, and what `make help` says of them.</summary>
internal static partial class Makefile
{
    private static readonly string Text = File.ReadAllText(Path.Combine(SourceTree.Root, "Makefile"));

    /// <summary>Steps of other targets, which nobody asks for.</summary>
    public static IReadOnlyList<string> Internal { get; } = ["sdk", "linker", "cross"];

    public static IReadOnlySet<string> Targets { get; } = Phony().Match(Text).Groups[1].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToHashSet();

    public static IReadOnlyDictionary<string, string> Help { get; } = HelpLine().Matches(Text).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);

    [GeneratedRegex(@"^\.PHONY: (.*)$", RegexOptions.Multiline)]
    private static partial Regex Phony();

    [GeneratedRegex("^([a-z0-9-]+):.*## (.*)$", RegexOptions.Multiline)]
    private static partial Regex HelpLine();
}
