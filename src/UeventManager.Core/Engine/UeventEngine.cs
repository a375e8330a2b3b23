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
using UeventManager.Core.Stale;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Engine;

/// <summary>
/// The deterministic state machine that decides what subscribers see and when: inputs and the time go in by the
/// <c>Step</c> methods, <see cref="Commands"/> come out. It has no clock, file, socket, thread or log. All times are
/// CLOCK_MONOTONIC microseconds.
/// </summary>
public sealed partial class UeventEngine
{
    /// <summary>Most events that queue for one device; beyond it neighbouring changes merge.</summary>
    public const int MaxQueued = PendingChanges.MaxQueued;

    /// <summary>Most looks that one timer step begins, so that uevents are never kept waiting by looks.</summary>
    public const int MaxLooksPerStep = 64;

    // What is pending for devices: nearly always for one at a time.
    private const int MaxPooled = 64;

    // What handing a look to a worker and taking it back costs this thread; the read itself is the worker's time.
    private const long WorkerLookUsec = 20;

    // Who owns what: calls go down to them, and none of them calls back.
    private readonly DeviceTree _tree = new();
    private readonly EventPool _events = new();
    private readonly LookPool _looks = new();
    private readonly LookBudget _budget = new();
    private readonly DeviceHistory _history = new();
    private readonly KeyOwners _keys = new();
    private readonly DepartedPaths _departed;
    private readonly UndeliveredMoves _moves = new();
    private readonly DrainQueue _drains = new();
    private readonly Reconciliation _reconciliation = new();
    private readonly Rescans _rescans = new();
    private readonly PostponedLooks _postponed;
    private readonly Blockers _blockers;
    private readonly GroupTable _groups;

    private readonly DueHeap<Pending> _nextLooks = new();
    private readonly DueHeap<Pending> _deadlines = new();
    private readonly List<EngineCommand> _commands = [];
    private readonly List<Pending> _ended = [];
    private readonly Stack<Pending> _pendingPool = new();
    private readonly LookFacts _scratch = new();
    private PropertyBuffer? _scratchSource;
    private RuleSet _rules;
    private long _nowUsec;
    private long _wakeup;
    private long _order;
    private long _deviceId;
    private int _waiting;
    private int _identifying;
    private long _lastLookUsec;

    /// <summary>Makes an engine that knows no device.</summary>
    /// <param name="rules">The rules in force.</param>
    public UeventEngine(RuleSet rules)
    {
        _rules = rules;
        _departed = new DepartedPaths(_tree);
        _postponed = new PostponedLooks(_events);
        _blockers = new Blockers(_moves, _reconciliation);
        _groups = new GroupTable(_tree, _blockers);
        _scratch.Property = name => _scratchSource?.Text(name);
    }

    /// <summary>What the last step wants done, in this order. To be carried out before the next step.</summary>
    public IReadOnlyList<EngineCommand> Commands => _commands;

    /// <summary>All known devices.</summary>
    public DeviceTree Devices => _tree;

    /// <summary>What happened since the start.</summary>
    public EngineCounters Counters { get; } = new();

    /// <summary>How much looking costs.</summary>
    public LookBudget Budget => _budget;

    /// <summary>The rules in force.</summary>
    public RuleSet Rules => _rules;

    /// <summary>Looks that have ended; what a <see cref="Drained"/> input refers to.</summary>
    public long EndedLooks => _drains.EndedLooks;

    /// <summary>True while a decided add needs to know that nothing older is queued in the socket.</summary>
    public bool NeedsDrain => !_drains.IsEmpty;

    /// <summary>When <see cref="Timer"/> must be stepped; <see cref="long.MaxValue"/> if nothing is due.</summary>
    public long NextDueUsec(long nowUsec)
    {
        var looks = _nextLooks.NextUsec;
        if (looks <= nowUsec && !_budget.Allows(nowUsec))
            looks = _budget.ReadyUsec(nowUsec);
        return Math.Min(
            Math.Min(Math.Min(looks, _deadlines.NextUsec), Math.Min(_groups.NextUsec, _reconciliation.DeadlineUsec)),
            Math.Min(_postponed.NextUsec, _rescans.NextUsec));
    }

    /// <summary>Begins a wake-up: events that arrive and are released in the same one keep their datagram's properties.</summary>
    public void BeginWakeup() => _wakeup++;

    /// <summary>Steps what has become due.</summary>
    public void Timer(long nowUsec)
    {
        BeginStep(nowUsec);
        // A group's deadline is its leader's at the latest: what only the group held goes out before it.
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
        Retry(nowUsec);
        if (_reconciliation.DeadlineUsec <= nowUsec)
            FinishReconcile();
        if (_rescans.NextUsec <= nowUsec && _rescans.TakeDue(_reconciliation.IsRunning, nowUsec))
            BeginReconcile();
    }

    // A group's look "at once" bears the time of the group's first event: it is before all others, and not late.
    private void CountLag(Pending pending, long dueUsec, long nowUsec)
    {
        if (nowUsec - dueUsec > LookBudget.WakeUpUsec && pending.Device.Group?.FirstUsec != dueUsec)
            _budget.Late(nowUsec - dueUsec, pending.LookedUsec == 0 ? 0 : Math.Max(0, dueUsec - pending.LookedUsec));
    }

    private void BeginStep(long nowUsec)
    {
        _nowUsec = nowUsec;
        _history.BeginStep(nowUsec);
        _events.BeginStep();
        // Not before: who began with one in the step that ended it must not find another's in its place.
        foreach (var ended in _ended)
        {
            if (_pendingPool.Count < MaxPooled)
                _pendingPool.Push(ended);
        }
        _ended.Clear();
        _commands.Clear();
    }

    private void Emit(in EngineCommand command) => _commands.Add(command);

    private PendingEvent NewEvent(UeventAction action, ReadOnlySpan<byte> properties, long seqnum, bool synthetic, long nowUsec)
    {
        var queued = NewEvent(action, seqnum, synthetic, nowUsec);
        queued.Properties.Set(properties);
        return queued;
    }

    private PendingEvent NewEvent(in Uevent uevent, UeventAction action, bool synthetic, long nowUsec)
    {
        var queued = NewEvent(action, uevent.Seqnum, synthetic || uevent.IsSynthetic, nowUsec);
        queued.Properties.Set(uevent.Properties, uevent.Outline);
        return queued;
    }

    private PendingEvent NewEvent(UeventAction action, long seqnum, bool synthetic, long nowUsec)
    {
        var queued = _events.Take(action, seqnum, synthetic, nowUsec);
        queued.Wakeup = _wakeup;
        queued.Order = ++_order;
        return queued;
    }

    private FirstAnswer BeforeLook(Device device, PropertyBuffer properties, WaitingActions action)
    {
        if ((device.Rules.Actions & action) == 0 && !device.Rules.Attaches)
            return FirstAnswer.Pass;
        _scratch.DevPath = device.DevPath;
        _scratch.SysName = device.SysName;
        _scratchSource = properties;
        return device.Rules.BeforeLook(_scratch, action);
    }
}
