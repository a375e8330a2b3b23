using UeventManager.Core.Rules;

namespace UeventManager.RuleFiles;

/// <summary>What <see cref="RuleLoader"/> found: the rules of the good files, and everything that is wrong with the others.</summary>
internal sealed record RuleLoad
{
    /// <summary>In the order in which they are tried: by file name, then as written.</summary>
    public required IReadOnlyList<Rule> Rules { get; init; }

    /// <summary>Every mistake of every file, by file and place.</summary>
    public required IReadOnlyList<RuleProblem> Problems { get; init; }

    /// <summary>The files whose rules are in <see cref="Rules"/>.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>What they say.</summary>
    public IReadOnlyList<RuleSource> Sources { get; init; } = [];

    /// <summary>The rules, as they come into force.</summary>
    public RuleSet Set => new(Rules) { Sources = Sources };

    /// <summary>The files that were rejected; a file with one mistake is rejected whole.</summary>
    public required IReadOnlyList<string> LeftOut { get; init; }

    /// <summary>Warnings about files that are not read because of their names.</summary>
    public IReadOnlyList<RuleProblem> Ignored { get; init; } = [];

    /// <summary>The symlinks to <c>/dev/null</c> that switch off the files of their name.</summary>
    public required IReadOnlyList<string> Masked { get; init; }
}
