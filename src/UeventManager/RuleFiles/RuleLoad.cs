using UeventManager.Core.Rules;

namespace UeventManager.RuleFiles;

/// <summary>The result of <see cref="RuleLoader"/>: the rules of the valid files, and all errors of the others.</summary>
internal sealed record RuleLoad
{
    /// <summary>The rules in the order in which they are tried: by file name, then as written.</summary>
    public required IReadOnlyList<Rule> Rules { get; init; }

    /// <summary>Every error of every file, by file and place.</summary>
    public required IReadOnlyList<RuleProblem> Problems { get; init; }

    /// <summary>The files whose rules are in <see cref="Rules"/>.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>The content of these files.</summary>
    public IReadOnlyList<RuleSource> Sources { get; init; } = [];

    /// <summary>The rules as they come into force.</summary>
    public RuleSet Set => new(Rules) { Sources = Sources };

    /// <summary>The rejected files; a file with one error is rejected whole.</summary>
    public required IReadOnlyList<string> LeftOut { get; init; }

    /// <summary>Warnings about files that are not read because of their names.</summary>
    public IReadOnlyList<RuleProblem> Ignored { get; init; } = [];

    /// <summary>The symlinks to <c>/dev/null</c> that switch off the files of their name.</summary>
    public required IReadOnlyList<string> Masked { get; init; }
}
