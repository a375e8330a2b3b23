using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;

namespace UeventManager.Daemon.Edge;

/// <summary>The result of the rules for a device right now.</summary>
/// <param name="DevPath">The devpath.</param>
/// <param name="Subsystem">The subsystem.</param>
/// <param name="Rule">The rule in force, or null.</param>
/// <param name="Conditions">The rule's conditions.</param>
/// <param name="Complete">Whether the device would be announced now.</param>
/// <param name="Attributes">The attributes to attach.</param>
/// <param name="Links">The links to attach.</param>
internal sealed record TrialResult(
    string DevPath,
    string Subsystem,
    Rule? Rule,
    IReadOnlyList<TrialCondition> Conditions,
    bool Complete,
    IReadOnlyList<KeyValuePair<string, string>> Attributes,
    IReadOnlyList<KeyValuePair<string, string>> Links)
{
    /// <summary>Creates the result from the engine's state after a look.</summary>
    public static TrialResult Of(Device device)
    {
        var wait = device.Pending;
        var findings = wait is { Events.Count: > 0 } ? wait.Events[0].Findings : device.Findings;
        var rule = wait?.Rule ?? wait?.LookingAt;
        var answered = wait?.Rule is not null;
        var conditions = new List<TrialCondition>();
        for (var i = 0; i < (rule?.Items.Count ?? 0); i++)
        {
            var (item, state) = (rule!.Items[i], answered ? wait!.Items[i] : default);
            conditions.Add(new TrialCondition(item.Condition.Text, state.Held, item.OptionalUsec, state.Looks == 0 ? "no answer" : state.Seen));
        }
        var complete = rule is null || findings.Rule is not null || conditions.TrueForAll(c => c.Held);
        return new TrialResult(device.DevPath, device.Subsystem, rule?.Rule, conditions, complete, findings.Attributes ?? [], findings.Links ?? []);
    }
}

/// <summary>One condition.</summary>
/// <param name="Text">The condition as text.</param>
/// <param name="Held">Whether it holds.</param>
/// <param name="OptionalUsec">The time for which it is required, in microseconds; null if it is always required.</param>
/// <param name="Seen">The value read, or null.</param>
internal sealed record TrialCondition(string Text, bool Held, long? OptionalUsec, string? Seen);
