using UeventManager.Core.Rules;

namespace UeventManager.RuleFiles;

/// <summary>Reads one rule.</summary>
/// <param name="subsystems">The file's subsystems.</param>
/// <param name="names">The names of all files so far.</param>
/// <param name="problems">Receives errors.</param>
internal sealed class RuleReader(IReadOnlyList<string> subsystems, RuleNames names, ProblemList problems)
{
    // The other actions of the kernel's kobject_actions[], which pass in order.
    private static readonly string[] PassingActions = ["remove", "move", "online", "offline", "bind", "unbind"];

    /// <summary>Reads the rule; null after a problem that leaves none.</summary>
    public Rule? Read(RuleNode node)
    {
        if (MappingReader.Of("a rule", node, RuleSchema.RuleKeys, problems) is not { } rule)
            return null;
        var name = ReadName(rule);
        var timeout = ReadTimeout(rule);
        var (leader, members) = rule["group"] is { } group ? GroupReader.Read(group.Value, problems) : default;
        var (on, wait) = (ReadOn(rule), ReadWait(rule, timeout));
        return new Rule
        {
            Name = name ?? "",
            Description = rule["description"] is { } description ? Values.Text("description", description.Value, problems) : null,
            File = problems.File,
            Line = rule["name"]?.Value.At.Line ?? node.At.Line,
            Subsystems = subsystems,
            On = on,
            Match = rule["match"] is { } match ? MatchReader.Read(match.Value, problems) : new RuleMatch(),
            Wait = wait,
            TimeoutUsec = timeout,
            OnTimeout = ReadPolicy(rule),
            Attach = rule["attach"] is { } attach ? AttachReader.Read(attach.Value, problems) : Attachments.None,
            Leader = leader,
            Members = members,
            Gate = rule["gate"] is { } gate ? GateReader.Read(gate.Value, subsystems, on, wait, problems) : RuleGate.None,
        };
    }

    private string? ReadName(MappingReader rule)
    {
        if (rule["name"] is not { } entry)
        {
            problems.Add(rule.Node, "a rule needs a 'name'");
            return null;
        }
        if (Values.Name("name", entry.Value, problems) is not { } name)
            return null;
        if (names.TryAdd(name, problems.File, entry.Value.At.Line, out var first))
            return name;
        problems.Add(entry.Value, $"rule name {Quoted.Of(name)} is already used at {first}");
        return null;
    }

    private long ReadTimeout(MappingReader rule)
    {
        if (rule["timeout"] is not { } entry || Values.Usec("timeout", entry.Value, problems) is not { } usec)
            return rule["timeout"] is null ? Rule.DefaultTimeoutUsec : RuleSchema.MaxTimeoutUsec;
        if (usec > RuleSchema.MaxTimeoutUsec)
            problems.Add(entry.Value, $"timeout: {Duration.Format(usec)} is longer than {Duration.Format(RuleSchema.MaxTimeoutUsec)}");
        return usec;
    }

    private WaitingActions ReadOn(MappingReader rule)
    {
        if (rule["on"] is not { } entry)
            return WaitingActions.Add | WaitingActions.Change;
        return ListValues.OneOrMore("on", entry.Value, problems, ReadAction).Aggregate((WaitingActions)0, static (all, word) => all | word.Value);
    }

    private static SchemaWord<WaitingActions>? ReadAction(string key, RuleNode node, ProblemList problems)
    {
        if (Values.Text(key, node, problems) is not { } action)
            return null;
        if (RuleSchema.Actions.FirstOrDefault(word => word.Name == action) is { } found)
            return found;
        problems.Add(node, PassingActions.Contains(action)
            ? $"'{action}' events cannot wait: only add and change can (the others pass in order)"
            : $"unknown action {Quoted.Of(action)} ({Suggestion.For(action, RuleSchema.Names(RuleSchema.Actions))})");
        return null;
    }

    private List<WaitItem> ReadWait(MappingReader rule, long timeout)
    {
        // A rule without conditions is complete at its first look: it attaches values, or keeps its devices from later rules.
        if (rule["wait"] is not { } entry || entry.Value is TextNode { IsNothing: true } or ListNode { Items.Count: 0 })
            return [];
        if (entry.Value is not ListNode list)
        {
            problems.Add(entry.Value, $"'wait' must be a list, not {entry.Value.Kind} (begin each condition with '- ')");
            return [];
        }
        var reader = new ConditionReader(timeout, problems);
        return [.. list.Items.Select(reader.ReadItem).OfType<WaitItem>()];
    }

    private TimeoutPolicy ReadPolicy(MappingReader rule)
    {
        if (rule["onTimeout"] is not { } entry || Values.Text("onTimeout", entry.Value, problems) is not { } text)
            return TimeoutPolicy.Hold;
        if (RuleSchema.TimeoutPolicies.FirstOrDefault(word => word.Name == text) is { Value: var policy })
            return policy;
        problems.Add(entry.Value, $"unknown onTimeout {Quoted.Of(text)} ({Suggestion.For(text, RuleSchema.Names(RuleSchema.TimeoutPolicies))})");
        return TimeoutPolicy.Hold;
    }
}
