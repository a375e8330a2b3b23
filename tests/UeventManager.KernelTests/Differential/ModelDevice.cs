namespace UeventManager.KernelTests.Differential;

/// <summary>One device directory, from its making to its end.</summary>
internal sealed class ModelDevice(int id, string devpath, string subsystem, string devType, string tag)
{
    private readonly HashSet<string> _completeUnder = new(StringComparer.Ordinal);
    private readonly List<ModelRule?> _rules = [];

    /// <summary>In its uevent file and in each of its uevents as INSTANCE: says which directory of that path an event is about.</summary>
    public int Id { get; } = id;

    public string DevPath { get; set; } = devpath;

    public string SysName => DevPath[(DevPath.LastIndexOf('/') + 1)..];

    public string Subsystem { get; } = subsystem;

    public string DevType { get; } = devType;

    /// <summary>A line of its uevent file that changes.</summary>
    public string Tag { get; set; } = tag;

    /// <summary>The value of its attribute <c>gen</c>, which only grows.</summary>
    public int Generation { get; set; }

    /// <summary>Some condition of some rule in force was not met at some time.</summary>
    public bool WasIncomplete { get; private set; }

    /// <summary>It may be announced: its rule was met at some time, or let it pass.</summary>
    public bool MayBeAnnounced { get; private set; }

    public IReadOnlyList<ModelRule?> Rules => _rules;

    /// <summary>The directory that replaced this one without a uevent. A first look after that takes it for this device.</summary>
    public ModelDevice? TakenFor { get; set; }

    public bool WasCompleteUnder(string rule) => _completeUnder.Contains(rule) || TakenFor?.WasCompleteUnder(rule) == true;

    public IReadOnlyList<string> Properties => [$"INSTANCE={Id}", $"TAG={Tag}", $"DEVTYPE={DevType}"];

    /// <summary>Takes note of what a look would find now.</summary>
    public void Look(ModelRules rules, string root)
    {
        var rule = rules.For(Subsystem, SysName);
        if (!_rules.Contains(rule))
            _rules.Add(rule);
        MayBeAnnounced |= rule is null or { OnTimeout: "deliver" } || rule.MayBeComplete(root + DevPath);
        // A leader is complete with its members only, and at its timeout it may be looked at too late.
        WasIncomplete |= rule is not null && (rule.Members is not null || !rule.IsComplete(root + DevPath));
        if (rule is not null && rule.MayBeComplete(root + DevPath))
            _completeUnder.Add(rule.Name);
    }
}
