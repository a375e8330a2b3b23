namespace UeventManager.Core.Rules;

/// <summary>A rule that is never in force, for some or all of its subsystems, because an earlier rule takes all its devices.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Earlier">The rule that takes the devices, by subsystem; empty if the match contradicts itself.</param>
public sealed record UnreachableRule(Rule Rule, IReadOnlyList<KeyValuePair<string, Rule>> Earlier)
{
    /// <summary>Finds the rules that are certainly unreachable.</summary>
    /// <param name="rules">The rules in the order in which they are tried.</param>
    public static IEnumerable<UnreachableRule> Find(IReadOnlyList<Rule> rules)
    {
        // By subsystem, so that the cost does not grow with the rules of other subsystems.
        var bySubsystem = new Dictionary<string, List<Rule>>();
        foreach (var rule in rules)
        {
            if (MatchCoverage.IsImpossible(rule.Match))
            {
                yield return new UnreachableRule(rule, []);
                continue;
            }
            var earlier = new List<KeyValuePair<string, Rule>>();
            foreach (var subsystem in rule.Subsystems)
            {
                if (First(subsystem, rule, bySubsystem) is { } first)
                    earlier.Add(new(subsystem, first));
            }
            if (earlier.Count > 0)
                yield return new UnreachableRule(rule, earlier);
            // An unreachable rule takes no devices, so it need not be compared with later rules.
            if (earlier.Count == rule.Subsystems.Count)
                continue;
            foreach (var subsystem in rule.Subsystems)
                (bySubsystem.TryGetValue(subsystem, out var list) ? list : bySubsystem[subsystem] = []).Add(rule);
        }
    }

    /// <summary>The reason, for people.</summary>
    public string Why
    {
        get
        {
            if (Earlier.Count == 0)
                return $"rule '{Rule.Name}' is never in force: its match requires a path both to exist and to be absent";
            var some = Earlier.Count == Rule.Subsystems.Count ? "" : $" for {string.Join(", ", Earlier.Select(e => e.Key))}";
            return $"rule '{Rule.Name}' is never in force{some}: {string.Join("; ", Earlier.GroupBy(e => e.Value).Select(Taken))}";
        }
    }

    private static Rule? First(string subsystem, Rule rule, Dictionary<string, List<Rule>> bySubsystem)
    {
        // Both lists are in the order of the files; if two rules take the devices, either may be named.
        IEnumerable<Rule> Of(string name) => bySubsystem.TryGetValue(name, out var list) ? list : [];
        return (subsystem == "*" ? Of("*") : Of("*").Concat(Of(subsystem))).FirstOrDefault(earlier => MatchCoverage.Covers(earlier.Match, rule.Match));
    }

    private string Taken(IGrouping<Rule, KeyValuePair<string, Rule>> taken)
    {
        var (rule, subsystems) = (taken.Key, string.Join(" and ", taken.Select(e => e.Key)));
        var what = !MatchCoverage.Covers(rule.Match, new RuleMatch()) ? "everything that this rule matches"
            : subsystems == "*" || rule.Subsystems.Contains("*") ? "every device" : $"all of {subsystems}";
        return $"{rule.File}:{rule.Line} ('{rule.Name}') comes first and matches {what}";
    }
}
