using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;
using UeventManager.Core.Settle;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Engine;

public sealed partial class UeventEngine
{
    private readonly History _history = new();
    private readonly Remembered _remembered = new();

    /// <summary>The last devices that went, newest first; at most 1,024.</summary>
    public IEnumerable<GoneDevice> Gone => _remembered.Gone();

    /// <summary>Takes the memory for what happens at once, before a storm does.</summary>
    public void Reserve() => _history.Reserve();

    /// <summary>Explains a device that is known.</summary>
    public Explanation Explain(Device device)
    {
        var (name, conditions) = device.Wait is { Rule: { } rule } wait
            ? (rule.Rule.Name, Of(rule.Texts, wait.Items))
            : device is { State: DeviceState.Waiting or DeviceState.Held, Wait.LookingAt: { } looking }
                ? (looking.Rule.Name, Of(looking.Texts, new ItemState[looking.Items.Count]))
                : Recalled(device.Id, device.Findings.Rule, device.Findings.Missing);
        return new Explanation(device.State, name, RuleOf(name), conditions, WaitsFor(device), HistoryOf(device.LastMoment));
    }

    /// <summary>Explains one that has gone.</summary>
    public Explanation Explain(in GoneDevice gone)
    {
        var (name, conditions) = Recalled(gone.Id, gone.Rule, gone.Missing);
        return new Explanation(null, name, RuleOf(name), conditions, [], HistoryOf(gone.LastMoment));
    }

    /// <summary>What keeps a device's events besides their own conditions, one line each; empty if nothing does.</summary>
    public static IReadOnlyList<string> WaitsFor(Device device)
    {
        if (device.Wait is not { FollowUp: null } wait)
            return [];
        var reasons = new List<string>();
        if (wait.BlockedBy is { } blocker)
            reasons.Add(blocker.ToldPath is not null ? $"the move of {blocker.DevPath}" : $"the add of {blocker.DevPath}");
        if (wait.MemberOf is { } group)
            reasons.Add($"the group of {group.Leader.DevPath}");
        if (device.Group is { } led && wait.Queue.Count > 0)
            reasons.Add($"the members of its group: {led.Waiting.Count} are complete, {led.Links.Count} links lead to members");
        if (wait.Decided && !wait.Queue[0].Complete)
            reasons.Add("what may be queued in the kernel's socket");
        if (wait.LookErrno != 0)
            reasons.Add($"a look that can be made ({ErrnoName.Of(wait.LookErrno)})");
        if (wait.InFlight is { WentToWorker: true } look)
            reasons.Add($"the value of {string.Join(", ", look.Ask.Where(query => query.MayBlock || query.Kind is QueryKind.Names or QueryKind.Links).Select(query => query.Path).Distinct())}");
        if (wait.Queue.Count > 1)
            reasons.Add($"its own earlier event ({wait.Queue.Count} are queued)");
        return reasons;
    }

    private (string? Name, List<ExplainedCondition> Conditions) Recalled(long id, string? name, IReadOnlyList<string>? missing)
    {
        if (_remembered.LookAt(id) is { } look && (name is null || look.Rule.Name == name))
            return (look.Rule.Name, Of(look.Rule, look.Items));
        // Too long ago: what it said then still tells which conditions held.
        var items = RuleOf(name)?.Wait ?? [];
        return (name, [.. items.Select(item => new ExplainedCondition(
            item.Condition.Text, missing?.Any(text => ItemState.Describes(text, item)) != true, item.OptionalUsec is not null, null, 0, 0))]);
    }

    private static List<ExplainedCondition> Of(RuleTexts rule, ItemState[] items)
    {
        var conditions = new List<ExplainedCondition>(items.Length);
        for (var i = 0; i < items.Length; i++)
        {
            var (item, state) = (rule.Items[i], items[i]);
            conditions.Add(new ExplainedCondition(item.Text, state.Held, item.IsOptional, state.Seen, state.HeldSinceUsec, state.Looks));
        }
        return conditions;
    }

    private Rule? RuleOf(string? name) => name is null ? null : _rules.Rules.FirstOrDefault(rule => rule.Name == name);

    private List<DeviceMoment> HistoryOf(long last)
    {
        var moments = _history.Of(last).ToList();
        moments.Reverse();
        return moments;
    }

    private void Note(Device device, MomentKind kind, UeventAction action = default, long number = 0, RuleTexts? rule = null) =>
        _history.Note(ref device.LastMoment, new DeviceMoment(_nowUsec, kind, action, number, rule));

    // A uevent that does not begin a device's life.
    private void NoteArrival(Device device, in Uevent uevent) =>
        Note(device, device.State is DeviceState.Waiting or DeviceState.Held && uevent.Action != UeventAction.Remove ? MomentKind.Folded : MomentKind.Arrived, uevent.Action, uevent.Seqnum);

    private void Remember(Device device)
    {
        _remembered.Add(device);
        if (device.Wait is { } wait)
            wait.RememberedUsec = wait.LookedUsec;
    }

    // Looks come by the hundred: only one that saw something else is worth a place.
    private void NoteLook(Device device, Wait wait, BoundRule rule)
    {
        long held = 0;
        for (var i = 0; i < wait.Items.Length && i < 63; i++)
            held |= wait.Items[i].Held ? 1L << i : 0;
        if (wait.NotedRule == rule && wait.NotedHeld == held)
            return;
        (wait.NotedRule, wait.NotedHeld) = (rule, held);
        Note(device, MomentKind.Looked, number: held, rule: rule.Texts);
    }
}
