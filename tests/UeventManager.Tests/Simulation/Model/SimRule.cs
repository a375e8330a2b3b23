using System.Text;
using UeventManager.Core.Rules;
using UeventManager.Tests.Engine;

namespace UeventManager.Tests.Simulation.Model;

/// <summary>One thing that a rule of the simulation waits for: a name, or an attribute's value.</summary>
/// <param name="Path">Below the device.</param>
/// <param name="Value">What it must say; null if it must only exist.</param>
/// <param name="OptionalUsec">How long it is required; null for as long as it takes.</param>
internal sealed record SimCondition(string Path, string? Value = null, long? OptionalUsec = null)
{
    /// <summary>As <c>missing</c> says it.</summary>
    public string Text => Value is null ? $"exists: {Path}" : $"attribute: {Path} equals \"{Value}\"";

    public bool Holds(ModelDevice device) => device.Exists && device.Find(Path) is { } file && (Value is null || file.Value == Value);

    public string Yaml
    {
        get
        {
            var optional = OptionalUsec is { } usec ? $", optional: {usec}us" : "";
            return Value is null ? $"{{exists: {Path}{optional}}}" : $"{{attribute: {Path}, equals: \"{Value}\"{optional}}}";
        }
    }
}

/// <summary>
/// A rule in a form that the checkers judge by themselves, without the engine's conditions. It is for the devices whose
/// name begins with its letter.
/// </summary>
internal sealed record SimRule(char Letter, IReadOnlyList<SimCondition> Wait)
{
    [ThreadStatic]
    private static RuleSet? s_cached;

    public long TimeoutUsec { get; init; } = 200_000;

    public string Policy { get; init; } = "hold";

    public bool OnAdd { get; init; } = true;

    public bool OnChange { get; init; }

    public bool Attaches { get; init; }

    /// <summary>The rules of every simulation; a device whose letter has none is free.</summary>
    public static IReadOnlyList<SimRule> All { get; } =
    [
        new('e', [new("ready")]),
        new('v', [new("state", "up")]) { OnChange = true },
        new('b', [new("ready"), new("state", "up")]) { TimeoutUsec = 50_000, Attaches = true },
        new('o', [new("ready"), new("extra", null, 20_000)]) { OnChange = true },
        new('d', [new("ready"), new("state", "up", 10_000)]) { Policy = "deliver", OnChange = true, TimeoutUsec = 30_000 },
        new('x', [new("ready")]) { Policy = "drop", TimeoutUsec = 40_000 },
        new('c', [new("state", "up")]) { OnAdd = false, OnChange = true, TimeoutUsec = 60_000 },
    ];

    /// <summary>They as the engine takes them, read once for each thread.</summary>
    public static RuleSet Cached => s_cached ??= Set();

    public static RuleSet Set() => TestRules.Of([.. All.Select(r => r.Yaml())]);

    public static string Letters => "evbodxcff";

    /// <summary>The rule for a device, if any waits for the action.</summary>
    public static SimRule? For(string path, bool change)
    {
        var rule = All.FirstOrDefault(r => r.Letter == path[path.LastIndexOf('/') + 1]);
        return rule is not null && (change ? rule.OnChange : rule.OnAdd) ? rule : null;
    }

    public static bool MayDrop(string path) => For(path, change: false) is { Policy: "drop" };

    public string Yaml()
    {
        var actions = string.Join(", ", new[] { OnAdd ? "add" : null, OnChange ? "change" : null }.OfType<string>());
        var text = new StringBuilder($"- name: {Letter}\n  match: {{sysname: \"{Letter}*\"}}\n  on: [{actions}]\n  wait:\n");
        foreach (var condition in Wait)
            text.Append($"    - {condition.Yaml}\n");
        text.Append($"  timeout: {TimeoutUsec}us\n  onTimeout: {Policy}\n");
        if (Attaches)
            text.Append("  attach: {attributes: [state, note]}\n");
        return text.ToString();
    }
}
