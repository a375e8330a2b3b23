namespace UeventManager.Core.Rules;

/// <summary>Which devices a rule is for. Everything that is given must hold at the same look as the rule's conditions.</summary>
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

    /// <summary>What the nearest ancestor of some kind must be, or null.</summary>
    public ParentMatch? Parent { get; init; }

    /// <summary>True if sysfs must be asked.</summary>
    public bool AsksSysfs => Parent is not null || Driver is not null || Attributes.Count > 0 || Exists.Count > 0 || Absent.Count > 0;
}

/// <summary>The nearest ancestor of a device that is of a subsystem and a devtype, and what it must be.</summary>
/// <param name="Subsystem">Pattern for its subsystem; null for any.</param>
/// <param name="Match">What it must be. Its devtype is not a test: it belongs to what is searched for.</param>
public sealed record ParentMatch(Glob? Subsystem, RuleMatch Match)
{
    /// <summary>What is searched for, for people.</summary>
    public string Kind => $"{Subsystem?.Text ?? "*"}{(Match.DevType is { } type ? $"/{type.Text}" : "")}";
}
