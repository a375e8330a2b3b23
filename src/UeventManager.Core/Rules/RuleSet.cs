namespace UeventManager.Core.Rules;

/// <summary>All rules in force together, in order. Immutable except for a cache of each subsystem's rules.</summary>
public sealed class RuleSet
{
    private readonly Rule[] _rules;
    private readonly Dictionary<string, SubsystemRules> _bySubsystem = [];
    private bool? _asksUdev;

    /// <summary>Creates a set of rules, given in the order in which they are tried.</summary>
    public RuleSet(IEnumerable<Rule> rules) => _rules = [.. rules];

    /// <summary>No rules: every event passes.</summary>
    public static RuleSet Empty => new([]);

    /// <summary>The texts of the rule files at the time of reading, if they are kept.</summary>
    public IReadOnlyList<RuleSource> Sources { get; init; } = [];

    /// <summary>The rules in order.</summary>
    public IReadOnlyList<Rule> Rules => _rules;

    /// <summary>True if any rule waits for udev or attaches udev's properties.</summary>
    public bool AsksUdev => _asksUdev ??= new SubsystemRules(_rules).AsksUdev;

    /// <summary>The rules of one subsystem. The cost does not grow with the rules of other subsystems.</summary>
    public SubsystemRules For(string subsystem)
    {
        if (!_bySubsystem.TryGetValue(subsystem, out var rules))
            _bySubsystem.Add(subsystem, rules = Bind(subsystem));
        return rules;
    }

    // A separate method: a closure over the parameter would be allocated at every call.
    private SubsystemRules Bind(string subsystem) =>
        new(_rules.Where(r => r.Subsystems.Contains("*") || r.Subsystems.Contains(subsystem)));
}
