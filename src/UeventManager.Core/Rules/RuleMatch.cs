namespace UeventManager.Core.Rules;

/// <summary>The devices of a rule. All given parts must hold at the same look as the rule's conditions.</summary>
public sealed record RuleMatch
{
    /// <summary>Pattern for the property DEVTYPE.</summary>
    public Glob? DevType { get; init; }

    /// <summary>Pattern for the devpath.</summary>
    public Glob? DevPath { get; init; }

    /// <summary>Pattern for the last component of the devpath.</summary>
    public Glob? SysName { get; init; }

    /// <summary>Pattern for the last component of the link <c>driver</c>.</summary>
    public Glob? Driver { get; init; }

    /// <summary>Patterns for properties.</summary>
    public IReadOnlyList<KeyValuePair<string, Glob>> Properties { get; init; } = [];

    /// <summary>Patterns for the values of attributes.</summary>
    public IReadOnlyList<KeyValuePair<string, Glob>> Attributes { get; init; } = [];

    /// <summary>Paths that must exist.</summary>
    public IReadOnlyList<string> Exists { get; init; } = [];

    /// <summary>Paths that must not exist.</summary>
    public IReadOnlyList<string> Absent { get; init; } = [];

    /// <summary>The match for an ancestor, or null.</summary>
    public ParentMatch? Parent { get; init; }

    /// <summary>True if the match needs answers from sysfs.</summary>
    public bool AsksSysfs => Parent is not null || Driver is not null || Attributes.Count > 0 || Exists.Count > 0 || Absent.Count > 0;
}

/// <summary>The match for the nearest ancestor of a subsystem and a devtype.</summary>
/// <param name="Subsystem">Pattern for the ancestor's subsystem; null for any.</param>
/// <param name="Match">The match for that ancestor. Its devtype is not tested: it selects the ancestor.</param>
public sealed record ParentMatch(Glob? Subsystem, RuleMatch Match)
{
    /// <summary>The kind of ancestor, for people.</summary>
    public string Kind => $"{Subsystem?.Text ?? "*"}{(Match.DevType is { } type ? $"/{type.Text}" : "")}";
}
