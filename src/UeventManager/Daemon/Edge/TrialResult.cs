using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;

namespace UeventManager.Daemon.Edge;

/// <summary>What the rules say of a device right now.</summary>
/// <param name="DevPath">The device.</param>
/// <param name="Subsystem">Its subsystem.</param>
/// <param name="Rule">The rule in force, or null.</param>
/// <param name="Conditions">Its conditions.</param>
/// <param name="Complete">Whether it would be announced now.</param>
/// <param name="Attributes">What would be attached.</param>
/// <param name="Links">What would be attached.</param>
internal sealed record TrialResult(
    string DevPath,
    string Subsystem,
    Rule? Rule,
    IReadOnlyList<TrialCondition> Conditions,
    bool Complete,
    IReadOnlyList<KeyValuePair<string, string>> Attributes,
    IReadOnlyList<KeyValuePair<string, string>> Links)
{
    /// <summary>Takes what the engine knows after a look.</summary>
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
/// <param name="Text">What it asks.</param>
/// <param name="Held">Whether it holds.</param>
/// <param name="OptionalUsec">How long it is required, or null for as long as it takes.</param>
/// <param name="Seen">What was read, or null.</param>
internal sealed record TrialCondition(string Text, bool Held, long? OptionalUsec, string? Seen);
