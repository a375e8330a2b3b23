using System.Diagnostics.CodeAnalysis;
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

namespace UeventManager.Core.Engine;

/// <summary>
/// The deterministic state machine that decides which events subscribers get, and when. <c>Step</c> methods take inputs and the time;
/// <see cref="Commands"/> are the output. It has no clock, file, socket, thread or log. All times are in CLOCK_MONOTONIC microseconds.
/// </summary>
public sealed partial class UeventEngine
{
    /// <summary>The most events that queue for one device; beyond it neighbouring changes are merged.</summary>
    public const int MaxQueued = PendingChanges.MaxQueued;

    /// <summary>The most looks that one timer step begins, so that uevents never wait behind looks.</summary>
    public const int MaxLooksPerStep = Settlement.MaxLooksPerStep;

    private DeviceTree _tree;
    private EventPool _events;
    private DeviceHistory _history;
    private KeyOwners _keys;
    private UndeliveredMoves _moves;
    private DrainQueue _drains;
    private Reconciliation _reconciliation;
    private GroupTable _groups;
    private EngineOutput _output;
    private Settlement _settlement;
    private DepartedPaths _departed;
    private PostponedLooks _postponed;
    private Rescans _rescans;
    private Owners _owners;
    private RuleSet _rules;
    private long _nowUsec;
    private long _deviceId;

    /// <summary>Creates an engine without any device.</summary>
    /// <param name="rules">The rules in force.</param>
    public UeventEngine(RuleSet rules)
    {
        _rules = rules;
        Take(new Owners());
    }

    /// <summary>Records all inputs and commands from now on; null if nothing records.</summary>
    public IEngineTap? Tap { get; set; }

    /// <summary>The commands of the last step, in order. Carry them out before the next step.</summary>
    public IReadOnlyList<EngineCommand> Commands => _output.Commands;

    /// <summary>All known devices.</summary>
    public DeviceTree Devices => _tree;

    /// <summary>The counters since the start.</summary>
    public EngineCounters Counters => _owners.Counters;

    /// <summary>The budget for looks.</summary>
    public LookBudget Budget => _owners.Budget;

    /// <summary>The rules in force.</summary>
    public RuleSet Rules => _rules;

    /// <summary>The number of ended looks; <see cref="Drained"/> refers to it.</summary>
    public long EndedLooks => _drains.EndedLooks;

    /// <summary>True while a decided add must wait until the socket is drained.</summary>
    public bool NeedsDrain => !_drains.IsEmpty;

    /// <summary>The time at which <see cref="Timer"/> must be stepped; <see cref="long.MaxValue"/> if nothing is due.</summary>
    public long NextDueUsec(long nowUsec) => Math.Min(
        Math.Min(_settlement.NextDueUsec(nowUsec), _reconciliation.DeadlineUsec), Math.Min(_postponed.NextUsec, _rescans.NextUsec));

    /// <summary>Begins a wake-up: events that arrive and are released in the same wake-up keep their datagram's properties.</summary>
    public void BeginWakeup()
    {
        Tap?.Wakeup();
        _events.BeginWakeup();
    }

    /// <summary>Steps everything that has become due.</summary>
    public void Timer(long nowUsec)
    {
        Tap?.Timer(nowUsec);
        BeginStep(nowUsec);
        _settlement.Timer(nowUsec);
        Retry(nowUsec);
        if (_reconciliation.DeadlineUsec <= nowUsec)
            _settlement.FinishReconcile();
        if (_rescans.NextUsec <= nowUsec && _rescans.TakeDue(_reconciliation.IsRunning, nowUsec))
            BeginReconcile();
    }

    [MemberNotNull(nameof(_owners), nameof(_tree), nameof(_events), nameof(_history), nameof(_keys), nameof(_moves), nameof(_drains), nameof(_reconciliation), nameof(_groups), nameof(_output))]
    [MemberNotNull(nameof(_settlement), nameof(_departed), nameof(_postponed), nameof(_rescans), nameof(_udev))]
    private void Take(Owners owners)
    {
        _owners = owners;
        (_tree, _events, _history, _keys, _moves) = (owners.Tree, owners.Events, owners.History, owners.Keys, owners.Moves);
        (_drains, _reconciliation, _groups, _output) = (owners.Drains, owners.Reconciliation, owners.Groups, owners.Output);
        (_settlement, _departed, _postponed, _rescans) = (new Settlement(owners), new DepartedPaths(_tree), new PostponedLooks(_events), new Rescans());
        _udev = owners.Udev;
        _blindUsec = Never;
    }

    private void BeginStep(long nowUsec)
    {
        _nowUsec = nowUsec;
        _history.BeginStep(nowUsec);
        _events.BeginStep();
        _settlement.BeginStep();
        _output.BeginStep();
    }
}
