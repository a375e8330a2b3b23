using UeventManager.Core.Rules;

namespace UeventManager.RuleFiles;

/// <summary>Reads <c>gate</c>, and refuses gates that would lock themselves.</summary>
internal static class GateReader
{
    /// <summary>Reads the gate; errors are reported.</summary>
    /// <param name="node">The value of <c>gate</c>.</param>
    /// <param name="subsystems">The file's subsystems.</param>
    /// <param name="on">The actions at which the rule waits.</param>
    /// <param name="wait">The rule's conditions.</param>
    /// <param name="problems">Receives errors.</param>
    public static RuleGate Read(RuleNode node, IReadOnlyList<string> subsystems, WaitingActions on, IReadOnlyList<WaitItem> wait, ProblemList problems)
    {
        if (Values.Text("gate", node, problems) is not { } text)
            return RuleGate.None;
        if (RuleSchema.Gates.FirstOrDefault(word => word.Name == text) is not { Value: var gate })
        {
            problems.Add(node, $"unknown gate {Quoted.Of(text)} ({Suggestion.For(text, RuleSchema.Names(RuleSchema.Gates))})");
            return RuleGate.None;
        }
        if (subsystems.Contains("*"))
            problems.Add(node, "a gate needs named subsystems, not \"*\" (it would be shut for every device)");
        if ((on & WaitingActions.Add) == 0)
            problems.Add(node, "a gate is shut at a device's add, but this rule does not wait for adds (on: [add, change])");
        if (gate == RuleGate.Block && wait.Any(item => item.Condition.AsksUdev))
            problems.Add(node, "gate: block: udevd's worker would wait for this rule, and this rule for udev (remove its udev: condition, or use gate: ready)");
        return gate;
    }
}
