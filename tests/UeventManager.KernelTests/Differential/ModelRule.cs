using System.Text;

namespace UeventManager.KernelTests.Differential;

/// <summary>What a condition asks.</summary>
internal enum ConditionKind
{
    Exists,
    Absent,
    Link,
    Equal,
}

/// <summary>A condition as the test understands it: its text for the daemon, and the test's own answer by looking at the tree.</summary>
internal sealed record ModelCondition(ConditionKind Kind, string Name, string? Value = null, int? OptionalMsec = null)
{
    public string Yaml
    {
        get
        {
            var body = Kind switch
            {
                ConditionKind.Exists => $"exists: {Name}",
                ConditionKind.Absent => $"absent: {Name}",
                ConditionKind.Link => $"link: {Name}",
                _ => $"attribute: {Name}, equals: \"{Value}\"",
            };
            return OptionalMsec is { } msec ? $"{{{body}, optional: {msec}ms}}" : $"{{{body}}}";
        }
    }

    public bool Holds(string directory)
    {
        var path = $"{directory}/{Name}";
        return Kind switch
        {
            ConditionKind.Exists => File.Exists(path) || Directory.Exists(path),
            ConditionKind.Absent => !File.Exists(path) && !Directory.Exists(path),
            ConditionKind.Link => new FileInfo(path).LinkTarget is not null,
            _ => File.Exists(path) && File.ReadAllText(path).TrimEnd() == Value,
        };
    }
}

/// <summary>A rule as the test understands it.</summary>
internal sealed record ModelRule(string Name, string Subsystem, IReadOnlyList<ModelCondition> Wait, int TimeoutMsec, string OnTimeout)
{
    /// <summary>Sysnames that it is for; null is all.</summary>
    public string? SysName { get; init; }

    /// <summary>A change waits too.</summary>
    public bool OnChange { get; init; }

    /// <summary>The attribute <c>gen</c> and the link <c>driver</c> come with each event.</summary>
    public bool Attaches { get; init; }

    public string? Leader { get; init; }

    public string? Members { get; init; }

    public bool IsFor(string subsystem, string sysname) =>
        subsystem == Subsystem && (SysName is null || sysname.StartsWith(SysName.TrimEnd('*'), StringComparison.Ordinal));

    /// <summary>Whether all that it requires is there now.</summary>
    public bool IsComplete(string directory) => MayBeComplete(directory) && (Leader is null || Directory.Exists($"{directory}/{Leader}/"));

    /// <summary>The same, where a link to a leader that is gone may count or not.</summary>
    public bool MayBeComplete(string directory) =>
        Wait.All(condition => condition.OptionalMsec is not null || condition.Holds(directory))
        && (Leader is null || new FileInfo($"{directory}/{Leader}").LinkTarget is not null);

    /// <summary>How many conditions do not hold now, optional ones included.</summary>
    public int Missing(string directory) => Wait.Count(condition => !condition.Holds(directory));

    public void Write(StringBuilder yaml)
    {
        yaml.Append($"  - name: {Name}\n");
        yaml.Append(OnChange ? "    on: [add, change]\n" : "    on: [add]\n");
        if (SysName is not null)
            yaml.Append($"    match: {{sysname: \"{SysName}\"}}\n");
        if (Wait.Count > 0)
            yaml.Append("    wait:\n").AppendJoin("", Wait.Select(condition => $"      - {condition.Yaml}\n"));
        yaml.Append($"    timeout: {TimeoutMsec}ms\n    onTimeout: {OnTimeout}\n");
        if (Attaches)
            yaml.Append("    attach: {attributes: [gen], links: [driver]}\n");
        if (Leader is not null)
            yaml.Append($"    group: {{leader: {Leader}}}\n");
        else if (Members is not null)
            yaml.Append($"    group: {{members: \"{Members}\"}}\n");
    }
}
