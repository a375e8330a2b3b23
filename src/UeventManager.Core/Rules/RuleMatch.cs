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

    /// <summary>True if sysfs must be asked.</summary>
    public bool AsksSysfs => Driver is not null || Attributes.Count > 0 || Exists.Count > 0 || Absent.Count > 0;
}
