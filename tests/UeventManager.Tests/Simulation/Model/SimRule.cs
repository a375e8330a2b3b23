using System.Text;
using UeventManager.Core.Rules;
using UeventManager.Tests.Engine;

namespace UeventManager.Tests.Simulation.Model;

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

    public bool AttachesUdev { get; init; }

    public bool WaitsForUdev { get; } = Wait.OfType<SimUdev>().Any();

    /// <summary>For leaders: the links to the members, a glob that ends with a star.</summary>
    public string? Members { get; init; }

    /// <summary>For members: the link to the leader.</summary>
    public string? Leader { get; } = Wait.OfType<SimLink>().FirstOrDefault()?.Path;

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
        // Who waits for udev, who does so for a while, and who takes what it said last.
        new('u', [new("ready"), new SimUdev()]) { OnChange = true, AttachesUdev = true },
        new('w', [new SimUdev()]) { TimeoutUsec = 80_000, AttachesUdev = true, Attaches = true },
        new('a', [new("state", "up")]) { OnChange = true, AttachesUdev = true },
        // A function with virtual functions; a backend and what is given to it; a map and its paths; what is in between.
        new('p', [new SimCount("vf*", "numvfs")]) { Members = "vf*", OnChange = true, TimeoutUsec = 100_000 },
        new('q', [new("ready"), new SimLink("physfn")]) { TimeoutUsec = 60_000 },
        new('k', [new SimCount("dev*", null), new SimStable("dev*", 5_000)]) { Members = "dev*", OnChange = true, TimeoutUsec = 80_000, Policy = "deliver" },
        new('j', [new("ready"), new("state", "up"), new SimLink("backend")]) { TimeoutUsec = 90_000, Policy = "deliver" },
        new('m', [new("state", "up")]) { Members = "slave*", TimeoutUsec = 70_000, Policy = "drop" },
        new('s', [new("ready"), new SimLink("holder")]) { TimeoutUsec = 50_000 },
        new('n', [new("ready"), new SimLink("top")]) { Members = "sub*", OnChange = true, TimeoutUsec = 120_000 },
    ];

    /// <summary>They as the engine takes them, read once for each thread.</summary>
    public static RuleSet Cached => s_cached ??= Set();

    public static RuleSet Set() => TestRules.Of([.. All.Select(r => r.Yaml())]);

    /// <summary>How the links between a leader and its members are called.</summary>
    public static (string Members, string Leader) LinksOf(char leader, char member) => (
        leader switch { 'p' => "vf", 'k' => "dev", 'm' => "slave", _ => "sub" },
        member switch { 'q' => "physfn", 'j' => "backend", 's' => "holder", _ => "top" });

    public static string Letters => "evbodxcff";

    /// <summary>The same where udevd is.</summary>
    public static string LettersOfUdev => "uuuwwaaexf";

    /// <summary>The rule in force for a device.</summary>
    public static SimRule? Of(string path) => All.FirstOrDefault(r => r.Letter == path[path.LastIndexOf('/') + 1]);

    /// <summary>The rule for a device, if any waits for the action.</summary>
    public static SimRule? For(string path, bool change) => Of(path) is { } rule && (change ? rule.OnChange : rule.OnAdd) ? rule : null;

    public static bool MayDrop(string path) => For(path, change: false) is { Policy: "drop" };

    public string Yaml()
    {
        var actions = string.Join(", ", new[] { OnAdd ? "add" : null, OnChange ? "change" : null }.OfType<string>());
        var text = new StringBuilder($"- name: {Letter}\n  match: {{sysname: \"{Letter}*\"}}\n  on: [{actions}]\n  wait:\n");
        foreach (var condition in Wait.Where(c => c is not SimLink))
            text.Append($"    - {condition.Yaml}\n");
        text.Append($"  timeout: {TimeoutUsec}us\n  onTimeout: {Policy}\n");
        if (Leader is not null || Members is not null)
            text.Append($"  group: {{{string.Join(", ", new[] { Leader is null ? null : $"leader: {Leader}", Members is null ? null : $"members: \"{Members}\"" }.OfType<string>())}}}\n");
        if (Attaches || AttachesUdev)
            text.Append($"  attach: {{{string.Join(", ", new[] { Attaches ? "attributes: [state, note]" : null, AttachesUdev ? "udev: [\"ID_*\"]" : null }.OfType<string>())}}}\n");
        return text.ToString();
    }
}
