using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;
using UeventManager.Core.Settle;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.History;

/// <summary>
/// The history behind Explain: what happened to devices, what looks saw, and which devices were removed. No decision depends on it.
/// </summary>
internal sealed partial class DeviceHistory
{
    private readonly MomentRing _moments = new();
    private readonly Recollections _recollections = new();
    private readonly DeviceColumn<long> _last = new();
    private long _nowUsec;

    /// <summary>CLOCK_REALTIME in microseconds for the moments noted from now on. It is only displayed.</summary>
    public long RealtimeUsec { get; set; }

    /// <summary>The last removed devices, newest first.</summary>
    public IEnumerable<GoneDevice> Gone => _recollections.Gone();

    /// <summary>Allocates the memory for moments in advance, before a storm needs it.</summary>
    public void Reserve() => _moments.Reserve();

    /// <summary>Sets the time of the moments noted from now on.</summary>
    public void BeginStep(long nowUsec) => _nowUsec = nowUsec;

    /// <summary>Notes a moment of a device.</summary>
    public void Note(Device device, MomentKind kind, UeventAction action = default, long number = 0, RuleTexts? rule = null) =>
        _moments.Note(ref _last[device], new DeviceMoment(_nowUsec, RealtimeUsec, kind, action, number, rule));

    /// <summary>Notes a uevent of a known device.</summary>
    public void NoteArrival(Device device, in Uevent uevent) =>
        Note(device, device.State is DeviceState.Waiting or DeviceState.Held && uevent.Action != UeventAction.Remove ? MomentKind.Folded : MomentKind.Arrived, uevent.Action, uevent.Seqnum);

    /// <summary>Notes a look. Looks come by the hundred, so only one with a changed result is noted.</summary>
    public void NoteLook(Pending pending, BoundRule rule)
    {
        long held = 0;
        for (var i = 0; i < pending.Items.Length && i < 63; i++)
            held |= pending.Items[i].Held ? 1L << i : 0;
        if (pending.IsNews(rule, held))
            Note(pending.Device, MomentKind.Looked, number: held, rule: rule.Texts);
    }

    /// <summary>Remembers the result of a device's last look, which is not repeated.</summary>
    public void Remember(Device device)
    {
        _recollections.Add(device);
        if (device.Pending is { } pending)
            pending.RememberedUsec = pending.LookedUsec;
    }

    /// <summary>Adds a removed device.</summary>
    public void Bury(Device device) => _recollections.Add(
        new GoneDevice(device.Id, device.Node.Path, device.Subsystem, _last[device], device.Findings.Rule, device.Findings.Missing));

    /// <summary>Explains a known device.</summary>
    public Explanation Explain(Device device, RuleSet rules)
    {
        var (name, conditions) = device.Pending is { Rule: { } rule } pending
            ? (rule.Rule.Name, Of(rule.Texts, pending.Items))
            : device is { State: DeviceState.Waiting or DeviceState.Held, Pending.LookingAt: { } looking }
                ? (looking.Rule.Name, Of(looking.Texts, new ItemState[looking.Items.Count]))
                : Recalled(device.Id, device.Findings.Rule, device.Findings.Missing, rules);
        return new Explanation(device.State, name, RuleOf(name, rules), conditions, HoldOf(device), WaitsFor(device), device.HasUnfinishedChange ? MissingOf(device) : null, HistoryOf(_last[device]));
    }

    /// <summary>Explains a removed device.</summary>
    public Explanation Explain(in GoneDevice gone, RuleSet rules)
    {
        var (name, conditions) = Recalled(gone.Id, gone.Rule, gone.Missing, rules);
        return new Explanation(null, name, RuleOf(name, rules), conditions, default, [], null, HistoryOf(gone.LastMoment));
    }

    /// <summary>The device that holds a device's events, and the reason.</summary>
    public static Hold HoldOf(Device device) => device.Pending is { FollowUp: null } pending ? pending.Hold : default;

    /// <summary>The reasons besides its own conditions why a device's events wait, one line each; empty if there is none.</summary>
    public static IReadOnlyList<string> WaitsFor(Device device)
    {
        if (device.Pending is not { FollowUp: null } pending)
            return [];
        var reasons = new List<string>();
        if (pending.Hold is { IsSet: true } hold)
            reasons.Add(hold.Text);
        if (device.Group is { } led && !pending.IsEmpty)
            reasons.Add($"the members of its group: {led.Waiting.Count} are complete, {led.Links.Count} links lead to members");
        if (pending.Add is { IsDraining: true })
            reasons.Add("uevents that may be queued in the kernel's socket");
        if (pending.LookErrno != 0)
            reasons.Add($"a look that can be made ({ErrnoName.Of(pending.LookErrno)})");
        if (pending.InFlight is { WentToWorker: true } look)
            reasons.Add($"the value of {string.Join(", ", look.Ask.Where(query => query.MayBlock || query.Kind is QueryKind.Names or QueryKind.Links).Select(NameOf).Distinct())}");
        if (pending.Events.Count > 1)
            reasons.Add($"its own earlier event ({pending.Events.Count} are queued)");
        return reasons;
    }

    private static string NameOf(SysfsQuery query) =>
        query.Kind switch
        {
            QueryKind.UdevEntry => "its entry in udev's database",
            QueryKind.Fingerprint => string.Join(", ", query.Globs),
            _ => query.Path,
        };

    /// <summary>The conditions that a waiting device, or a waiting change, still misses, as the last look saw them; empty if none.</summary>
    public static IReadOnlyList<string> MissingOf(Device device)
    {
        if (device.State == DeviceState.Announced && !device.HasUnfinishedChange)
            return [];
        if (device.Pending is not { } pending)
            return device.DroppedChange ?? [];
        if (pending.Gone)
            return ["the device's directory"];
        if (pending is { Rule: null, LookErrno: 0, LookingAt: { } rule })
            return [.. rule.Items.Select(item => $"{item.Condition.Text} (no answer)")];
        return pending.Missing() ?? [];
    }

    private (string? Name, List<ExplainedCondition> Conditions) Recalled(long id, string? name, IReadOnlyList<string>? missing, RuleSet rules)
    {
        if (_recollections.LookAt(id) is { } look && (name is null || look.Rule.Name == name))
            return (look.Rule.Name, Of(look.Rule, look.Items));
        // The look is forgotten, but the event's missing list still tells which conditions held.
        var items = RuleOf(name, rules)?.Wait ?? [];
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

    private static Rule? RuleOf(string? name, RuleSet rules) => name is null ? null : rules.Rules.FirstOrDefault(rule => rule.Name == name);

    private List<DeviceMoment> HistoryOf(long last)
    {
        var moments = _moments.Of(last).ToList();
        moments.Reverse();
        return moments;
    }
}
