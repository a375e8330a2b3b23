using UeventManager.Core.Conflicts;
using UeventManager.Core.Drains;
using UeventManager.Core.Groups;
using UeventManager.Core.History;
using UeventManager.Core.Looks;
using UeventManager.Core.Moves;
using UeventManager.Core.Ordering;
using UeventManager.Core.Reconcile;
using UeventManager.Core.Rules;
using UeventManager.Core.Settle;
using UeventManager.Core.Udev;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Engine;

/// <summary>
/// Everything pending for devices, from the first look to the release: looks and verdicts, deadlines, drains, groups, and the order of delivery (G1,
/// G4, G5, G8, G11). The engine identifies devices and calls this class; this class calls only the owners.
/// </summary>
internal sealed partial class Settlement
{
    /// <summary>Most looks that one timer step begins, so that uevents are never kept waiting by looks.</summary>
    public const int MaxLooksPerStep = 64;

    // Nearly always only one device at a time has something pending, so a small pool is enough.
    private const int MaxPooled = 64;

    // The engine thread's cost of handing a look to a worker and taking it back; the read itself is the worker's time.
    private const long WorkerLookUsec = 20;

    private readonly EventPool _events;
    private readonly LookPool _looks;
    private readonly LookBudget _budget;
    private readonly DeviceHistory _history;
    private readonly KeyOwners _keys;
    private readonly UndeliveredMoves _moves;
    private readonly DrainQueue _drains;
    private readonly Reconciliation _reconciliation;
    private readonly Blockers _blockers;
    private readonly GroupTable _groups;
    private readonly UdevListener _udev;
    private readonly EngineOutput _output;

    private readonly DueHeap<Pending> _nextLooks = new();
    private readonly DueHeap<Pending> _deadlines = new();
    private readonly List<Pending> _ended = [];
    private readonly Stack<Pending> _pendingPool = new();
    private readonly LookFacts _scratch = new();
    private PropertyBuffer? _scratchSource;
    private int _waiting;
    private int _identifying;
    private long _lastLookUsec;

    public Settlement(Owners owners)
    {
        (_events, _looks, _budget, _history) = (owners.Events, owners.Looks, owners.Budget, owners.History);
        (_keys, _moves, _drains, _reconciliation) = (owners.Keys, owners.Moves, owners.Drains, owners.Reconciliation);
        (_blockers, _groups, _output, Counters) = (owners.Blockers, owners.Groups, owners.Output, owners.Counters);
        _udev = owners.Udev;
        _scratch.Property = name => _scratchSource?.Text(name);
    }

    /// <summary>True if some device may need a look because of an event nearby.</summary>
    public bool IsAnybodyWaiting => _waiting + _promises.Count > 0;

    /// <summary>True if no identification is under way: scans and adds have all their answers.</summary>
    public bool IsEverybodyIdentified => _identifying == 0;

    /// <summary>The id of the newest look.</summary>
    public long LastLookId
    {
        get => _looks.LastId;
        set => _looks.LastId = value;
    }

    private EngineCounters Counters { get; }

    /// <summary>The time at which <see cref="Timer"/> must be stepped.</summary>
    public long NextDueUsec(long nowUsec)
    {
        var looks = _nextLooks.NextUsec;
        if (looks <= nowUsec && !_budget.WouldAllow(nowUsec))
            looks = _budget.ReadyUsec(nowUsec);
        return Math.Min(Math.Min(looks, _deadlines.NextUsec), _groups.NextUsec);
    }

    /// <summary>Begins a step: the commands of the previous step have been carried out.</summary>
    public void BeginStep()
    {
        // Not earlier: code that holds a Pending which ended in this step must not find it reused.
        foreach (var ended in _ended)
        {
            if (_pendingPool.Count < MaxPooled)
                _pendingPool.Push(ended);
        }
        _ended.Clear();
    }

    /// <summary>Steps what has become due.</summary>
    public void Timer(long nowUsec)
    {
        // A group's deadline is at or before its leader's: events that only the group held are delivered first.
        while (_groups.NextUsec <= nowUsec)
            GroupDeadlineReached(_groups.TakeDue(), nowUsec);
        while (_deadlines.NextUsec <= nowUsec)
        {
            var pending = _deadlines.Peek().Owner;
            _deadlines.Clear(pending.Deadline);
            DeadlineReached(pending.Device, nowUsec);
        }
        for (var i = 0; i < MaxLooksPerStep && _nextLooks.NextUsec - LookTimes.EarlyUsec <= nowUsec && _budget.Allows(nowUsec); i++)
        {
            var entry = _nextLooks.Peek();
            CountLag(entry.Owner, entry.DueUsec, nowUsec);
            _nextLooks.Clear(entry);
            StartLook(entry.Owner.Device, nowUsec, repeated: true);
        }
    }

    // An immediate look of a group is due at the time of the group's first event, so that it comes before all others. It is not late.
    private void CountLag(Pending pending, long dueUsec, long nowUsec)
    {
        if (nowUsec - dueUsec > LookBudget.WakeUpUsec && pending.Device.Group?.FirstUsec != dueUsec)
            _budget.Late(nowUsec - dueUsec, pending.LookedUsec == 0 ? 0 : Math.Max(0, dueUsec - pending.LookedUsec));
    }

    // Only a look at the directory tells which instance an add belongs to, or whether a scan's result is still true.
    public void Identify(Device device, PendingEvent? news, long nowUsec, bool reconcile = false)
    {
        var look = _looks.Take(device, LookPurpose.Identify, nowUsec, _events.Order);
        _identifying++;
        look.Reconcile = reconcile;
        look.News = news;
        _output.Emit(new EngineCommand(CommandKind.Probe, device, Look: look, Number: look.Id));
    }

    /// <summary>Ends an identifying look, also one that failed.</summary>
    public void IdentifyEnded(Look look)
    {
        _identifying--;
        _looks.Return(look);
    }

    // The timeout runs on although every look failed, because a waiting device holds others.
    public void SettleFailed(Device device, Pending pending, Look look, int errno, long nowUsec)
    {
        pending.FailLook(errno, nowUsec);
        if ((!pending.Deadline.IsSet || pending.Rule is null) && device.State != DeviceState.Held && pending.FollowUp is null)
            LimitBlindness(device, pending, look.Rule);
        SpendLook(look, nowUsec);
        ScheduleLook(device, pending, nowUsec);
    }

    private void LimitBlindness(Device device, Pending pending, BoundRule? rule)
    {
        if (rule is not null)
        {
            SetDeadlines(device, pending, rule);
            return;
        }
        SetDeadline(pending, pending.SetDeadlines(Rule.DefaultTimeoutUsec, onlyWithout: true));
    }

    public Pending NewPending(Device device)
    {
        if (device.Pending is { } pending)
            return pending;
        _waiting++;
        if (_pendingPool.TryPop(out pending))
            pending.Renew(device);
        else
            pending = new Pending(device, _events);
        return device.Pending = pending;
    }

    public void EndPending(Device device)
    {
        if (device.Pending is not { } pending)
            return;
        Abandon(device, pending);
        _nextLooks.Clear(pending.NextLook);
        _deadlines.Clear(pending.Deadline);
        pending.Clear();
        // The history keeps looks that end without an event only if they came after an announcement.
        if ((pending.FollowUp is not null || pending.RememberedUsec != 0) && pending.LookedUsec != pending.RememberedUsec)
            _history.Remember(device);
        if (device.Group is { } group)
        {
            // The leader's members still wait for each other.
            EndFollowUp(pending);
            _nextLooks.Set(pending.NextLook, group.FirstUsec);
            return;
        }
        device.Pending = null;
        _waiting--;
        _ended.Add(pending);
        // A device with a change is likely to get more changes: keep its directory open.
        if (!pending.IsOfChange)
            _output.Forget(device);
    }

    public void LeaveReconcile(Device device)
    {
        if (_reconciliation.Leave(device))
            FinishReconcile();
    }

    public void FinishReconcile()
    {
        if (_reconciliation.End())
            _output.Emit(new EngineCommand(CommandKind.Reconciled));
    }
}
