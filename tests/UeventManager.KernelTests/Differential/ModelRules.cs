using System.Text;

namespace UeventManager.KernelTests.Differential;

/// <summary>The rules that are in force together, and which of them is for a device.</summary>
internal sealed class ModelRules
{
    /// <summary>Classes of ordinary devices; <c>bare</c> never has a rule.</summary>
    public static readonly IReadOnlyList<string> Classes = ["bare", "one", "two", "six"];

    /// <summary>A bus: no two of its devices have one name.</summary>
    public const string Bus = "bus";

    /// <summary>Leaders and members.</summary>
    public const string Group = "grp";

    private readonly List<ModelRule> _rules;

    private ModelRules(List<ModelRule> rules) => _rules = rules;

    /// <summary>None at all.</summary>
    public static ModelRules None { get; } = new([]);

    public IReadOnlyList<ModelRule> All => _rules;

    public static ModelRules Random(int number, Random random)
    {
        var rules = new List<ModelRule>();
        foreach (var subsystem in Classes.Skip(1).Append(Bus))
        {
            var (present, rule) = (random.Next(5) > 0, Rule($"r{number}-{subsystem}", subsystem, random));
            if (present)
                rules.Add(rule);
        }
        var leader = Rule($"r{number}-leader", Group, random) with { SysName = "l*", Members = "m*" };
        var member = Rule($"r{number}-member", Group, random) with { SysName = "m*", Leader = "leader" };
        if (random.Next(6) > 0)
            rules.Add(leader);
        if (random.Next(6) > 0)
            rules.Add(member);
        return new ModelRules(rules);
    }

    public ModelRule? For(string subsystem, string sysname) => _rules.Find(rule => rule.IsFor(subsystem, sysname));

    public string Yaml(string subsystem)
    {
        var yaml = new StringBuilder($"version: 1\nsubsystem: {subsystem}\n");
        var rules = _rules.FindAll(rule => rule.Subsystem == subsystem);
        yaml.Append(rules.Count == 0 ? "rules: []\n" : "rules:\n");
        rules.ForEach(rule => rule.Write(yaml));
        return yaml.ToString();
    }

    /// <summary>Replaces the rule files of a directory, each in one step.</summary>
    public void WriteTo(string directory)
    {
        foreach (var subsystem in Classes.Append(Bus).Append(Group))
        {
            var draft = $"{directory}/.{subsystem}.draft";
            File.WriteAllText(draft, Yaml(subsystem));
            File.Move(draft, $"{directory}/20-{subsystem}.yaml", overwrite: true);
        }
    }

    private static ModelRule Rule(string name, string subsystem, Random random)
    {
        string[] policies = ["hold", "hold", "deliver", "drop"];
        var timeout = random.Next(60, 700);
        List<ModelCondition> pool =
        [
            new(ConditionKind.Exists, "ready"),
            new(ConditionKind.Equal, "state", "ok"),
            new(ConditionKind.Absent, "busy"),
            new(ConditionKind.Link, "driver"),
        ];
        var wait = pool.OrderBy(_ => random.Next()).Take(random.Next(0, 3)).ToList();
        if (random.Next(3) == 0 && wait.Count > 0)
            wait[^1] = wait[^1] with { OptionalMsec = random.Next(1, timeout / 2) };
        return new ModelRule(name, subsystem, wait, timeout, policies[random.Next(policies.Length)])
        {
            OnChange = random.Next(2) == 0,
            Attaches = random.Next(2) == 0,
        };
    }
}
