namespace UeventManager.Core.Rules;

/// <summary>All rules in force together, in order. Immutable but for a cache of what each subsystem needs.</summary>
public sealed class RuleSet
{
    private readonly Rule[] _rules;
    private readonly Dictionary<string, SubsystemRules> _bySubsystem = [];
    private bool? _asksUdev;

    /// <summary>Makes a set of rules that stand in the order in which they are tried.</summary>
    public RuleSet(IEnumerable<Rule> rules) => _rules = [.. rules];

    /// <summary>No rules: everything passes.</summary>
    public static RuleSet Empty => new([]);

    /// <summary>The files that they were read from, as they were then, if they are kept.</summary>
    public IReadOnlyList<RuleSource> Sources { get; init; } = [];

    /// <summary>The rules in order.</summary>
    public IReadOnlyList<Rule> Rules => _rules;

    /// <summary>True if any of them waits for udev, or attaches what it says.</summary>
    public bool AsksUdev => _asksUdev ??= new SubsystemRules(_rules).AsksUdev;

    /// <summary>The rules of one subsystem. Its cost does not grow with the rules of others.</summary>
    public SubsystemRules For(string subsystem)
    {
        if (!_bySubsystem.TryGetValue(subsystem, out var rules))
            _bySubsystem.Add(subsystem, rules = Bind(subsystem));
        return rules;
    }

    // Apart, because a closure over the parameter would be made at every call.
    private SubsystemRules Bind(string subsystem) =>
        new(_rules.Where(r => r.Subsystems.Contains("*") || r.Subsystems.Contains(subsystem)));
}
