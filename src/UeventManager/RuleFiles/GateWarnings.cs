using UeventManager.Core.Rules;

namespace UeventManager.RuleFiles;

/// <summary>Finds problems of gates that involve several rules.</summary>
internal static class GateWarnings
{
    /// <summary>Finds gates that would wait for themselves, which are errors.</summary>
    /// <param name="rules">All rules in force together.</param>
    public static IEnumerable<RuleProblem> Mistakes(IReadOnlyList<Rule> rules) => rules.Where(static rule => rule.Gate == RuleGate.Block).SelectMany(rule => DeadlocksOf(rule, rules));

    /// <summary>Finds gates that are allowed but hardly intended.</summary>
    /// <param name="rules">All rules in force together.</param>
    public static IEnumerable<RuleProblem> Find(IReadOnlyList<Rule> rules)
    {
        foreach (var rule in rules)
        {
            if (rule.Gate == RuleGate.None)
                continue;
            if (IsNarrow(rule.Match))
                yield return Warning(rule, $"rule '{rule.Name}': its gate is shut by subsystem and devtype alone, so for {Whom(rule)} that do not match it too (`ueventctl retell` opens it at once for those)");
            if (rule.Gate == RuleGate.Block)
            {
                foreach (var problem in OfBlocked(rule))
                    yield return problem;
            }
        }
    }

    private static IEnumerable<RuleProblem> OfBlocked(Rule rule)
    {
        if (rule.Wait.Any(item => item.OptionalUsec is null && AsksDriver(item.Condition)))
            yield return Warning(rule, $"rule '{rule.Name}': gate: block together with a driver condition: udev loads drivers after its rules, so such a driver is bound only after the gate's two seconds (use gate: ready)");
        if (rule.Attach.Udev.Count > 0)
            yield return Warning(rule, $"rule '{rule.Name}': gate: block together with attach: udev: the properties of this event are not known before the gate opens");
    }

    private static IEnumerable<RuleProblem> DeadlocksOf(Rule rule, IReadOnlyList<Rule> rules) =>
        rules.Where(other => MayBeMember(rule, other) && other.Wait.Any(static item => item.Condition.AsksUdev)).Select(member => new RuleProblem(
            rule.File, rule.Line, 0, $"rule '{rule.Name}': gate: block, but its group waits for rule '{member.Name}' ({member.File}:{member.Line}), which waits for udev: udevd processes no child before its parent (use gate: ready)"));

    // A pattern of directories names the members' subsystem (video4linux/video*); a pattern of links does not.
    private static bool MayBeMember(Rule leader, Rule other)
    {
        if (leader.Members is not { } members || other.Leader is null || ReferenceEquals(leader, other))
            return false;
        var slash = members.LastIndexOf('/');
        return slash < 0 || other.Leader != Rule.ParentLeads || other.Subsystems.Contains("*") || other.Subsystems.Contains(members[..slash]);
    }

    private static bool IsNarrow(RuleMatch match) => match.AsksSysfs || match.DevPath is not null || match.SysName is not null || match.Properties.Count > 0;

    private static string Whom(Rule rule) =>
        $"all devices of {string.Join(" and ", rule.Subsystems)}{(rule.Match.DevType is { } type ? $" with devtype {Quoted.Of(type.Text)}" : "")}";

    private static bool AsksDriver(Condition condition) => condition switch
    {
        LinkCondition { Path: "driver" } or ExistsCondition { Path: "driver" } => true,
        AllCondition all => all.Items.Any(AsksDriver),
        _ => false,
    };

    private static RuleProblem Warning(Rule rule, string message) => new(rule.File, rule.Line, 0, message) { IsWarning = true };
}
