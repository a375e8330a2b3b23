using System.Runtime.InteropServices;
using UeventManager.Core.Rules;
using UeventManager.Core.Settle;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Ordering;

/// <summary>
/// Everything pending for one device: its events, the looks, and the verdict of the last look. Exists only while something is pending. Pooled: valid
/// until the step after its end.
/// </summary>
public sealed partial class Pending
{
    private readonly List<PendingEvent> _events = [];
    private readonly EventPool _pool;
    private readonly PendingAdd _add = new();
    private ItemState[] _items = [];
    private Hold _hold;
    private long _metOwner;
    private BoundRule? _notedRule;
    private long _notedHeld;

    /// <summary>The longest time for which a move waits for attached values, in microseconds: descendants wait with it.</summary>
    internal const long MovePictureUsec = 100_000;

    internal Pending(Device device, EventPool pool)
    {
        (Device, _pool) = (device, pool);
        Changes = new PendingChanges(_events, pool);
        NextLook = new DueEntry<Pending>(this);
        Deadline = new DueEntry<Pending>(this);
    }

    /// <summary>The unreleased events, oldest first. A waiting add is the only event.</summary>
    public IReadOnlyList<PendingEvent> Events => _events;

    /// <summary>The rule in force at the last look, or null.</summary>
    public BoundRule? Rule { get; private set; }

    /// <summary>The states at the last look, one for each item of <see cref="Rule"/>.</summary>
    public ItemState[] Items { get; private set; } = [];

    /// <summary>The rule that the look under way has found in force; null if not known yet.</summary>
    public BoundRule? LookingAt => InFlight?.Rule;

    /// <summary>True while a look is not answered in full.</summary>
    public bool IsLooking => InFlight is not null;

    /// <summary>The one reason besides its own conditions that holds a complete event.</summary>
    public Hold Hold => _add.MemberOf is { } group ? new Hold(HoldReason.Leader, group.Leader) : _hold;

    internal Device Device { get; private set; }

    /// <summary>The add, while its device is not announced.</summary>
    internal PendingAdd? Add => _add.IsSet ? _add : null;

    /// <summary>The events of an announced device.</summary>
    internal PendingChanges Changes { get; }

    /// <summary>The search for missing optional conditions after an announcement.</summary>
    internal FollowUp? FollowUp { get; private set; }

    internal DueEntry<Pending> NextLook { get; }

    internal DueEntry<Pending> Deadline { get; }

    /// <summary>The events as a span; valid only until the list changes.</summary>
    internal ReadOnlySpan<PendingEvent> Queued => CollectionsMarshal.AsSpan(_events);

    internal bool IsEmpty => _events.Count == 0;

    internal bool IsDecided => _add.IsDecided;

    /// <summary>The group that the add waits with.</summary>
    internal Group? MemberOf => _add.MemberOf;

    /// <summary>The device that holds a complete event, apart from the group.</summary>
    internal Device? BlockedBy => _hold.By;

    /// <summary>True if the deadline belongs to a conflict: the event is then delivered although another device still has the key.</summary>
    internal bool IsInConflict => _hold.Reason == HoldReason.KeyOwner;

    /// <summary>True while an event waits for its conditions.</summary>
    internal bool HasUnserved
    {
        get
        {
            foreach (var queued in _events)
            {
                if (!queued.Complete)
                    return true;
            }
            return false;
        }
    }

    /// <summary>
    /// Whether an event that arrived until then is not delivered, whatever it waits for; or whether a later change waits and lacks something.
    /// </summary>
    internal bool HasUndelivered(long untilUsec)
    {
        foreach (var queued in _events)
        {
            if (!queued.IsLeaderChange && (queued.ArrivedUsec <= untilUsec || (queued is { Complete: false, IsPicture: false } && Missing(onlyRequired: true) is not null)))
                return true;
        }
        return false;
    }

    /// <summary>The oldest event if it is complete; a change that is held after its timeout does not block the events behind it.</summary>
    internal PendingEvent? NextComplete
    {
        get
        {
            foreach (var queued in _events)
            {
                if (queued.Complete)
                    return queued;
                if (!queued.TimedOut)
                    return null;
            }
            return null;
        }
    }

    /// <summary>The oldest event that waits for its conditions and has not timed out.</summary>
    internal PendingEvent? FirstWaiting
    {
        get
        {
            foreach (var queued in _events)
            {
                if (!queued.TimedOut && !queued.Complete)
                    return queued;
            }
            return null;
        }
    }

    /// <summary>The oldest event that waits for its conditions and arrived before the look began.</summary>
    internal PendingEvent? FirstServedBy(Look look)
    {
        foreach (var queued in _events)
        {
            if (!queued.Complete && queued.Order <= look.StartedOrder)
                return queued;
        }
        return null;
    }

    /// <summary>True if an event that the look serves does not name the driver that the look saw.</summary>
    internal bool ServesOther(Look look, string? driver)
    {
        foreach (var queued in _events)
        {
            if (!queued.Complete && queued.Order <= look.StartedOrder && queued.Properties.Text("DRIVER") != driver)
                return true;
        }
        return false;
    }

    /// <summary>The arrival of the first event that waits for its conditions; <see cref="long.MaxValue"/> if none waits.</summary>
    internal long FirstUnservedUsec
    {
        get
        {
            var first = long.MaxValue;
            foreach (var queued in _events)
                first = Math.Min(first, queued.Complete ? long.MaxValue : queued.ArrivedUsec);
            return first;
        }
    }

    /// <summary>The properties of the newest event that a look serves. The event may merge or end while values are read.</summary>
    internal PropertyBuffer PropertiesFor(Look look)
    {
        if (Add is { } add)
            return add.Event.Properties;
        for (var i = _events.Count - 1; i >= 0; i--)
        {
            if (_events[i].Order <= look.StartedOrder)
                return _events[i].Properties;
        }
        return Device.Properties;
    }

    /// <summary>Queues an add.</summary>
    internal void BeginAdd(PendingEvent add)
    {
        _events.Add(add);
        _add.Begin(add);
    }

    /// <summary>Removes an event that is being released.</summary>
    internal void Take(PendingEvent released)
    {
        _events.Remove(released);
        if (_add.IsSet && _add.Event == released)
            _add.End();
    }

    /// <summary>Ends all events.</summary>
    internal void Clear()
    {
        foreach (var queued in _events)
            _pool.Return(queued);
        _events.Clear();
        _add.End();
    }

    /// <summary>Marks all datagrams as doubtful: they may describe an earlier instance.</summary>
    internal void DistrustDatagrams()
    {
        foreach (var queued in _events)
            queued.Wakeup = 0;
    }

    /// <summary>Sets the deadline of every waiting event, counted from its own arrival.</summary>
    /// <param name="timeoutUsec">The rule's timeout.</param>
    /// <param name="onlyWithout">True to keep existing deadlines.</param>
    /// <returns>The earliest deadline; <see cref="long.MaxValue"/> if there is none.</returns>
    internal long SetDeadlines(long timeoutUsec, bool onlyWithout = false)
    {
        var earliest = long.MaxValue;
        foreach (var queued in _events)
        {
            if (queued.Complete || queued.TimedOut)
                continue;
            if (!onlyWithout || queued.DeadlineUsec == long.MaxValue)
                queued.DeadlineUsec = queued.ArrivedUsec + (queued is { IsPicture: true, Action: UeventAction.Move } ? Math.Min(timeoutUsec, MovePictureUsec) : timeoutUsec);
            earliest = Math.Min(earliest, queued.DeadlineUsec);
        }
        return earliest;
    }

    /// <summary>Begins to look for missing optional conditions after an announcement.</summary>
    /// <param name="followUp">The search.</param>
    /// <param name="items">The states at another run's last look; null to keep those of this run.</param>
    internal void BeginFollowUp(FollowUp followUp, ItemState[]? items = null)
    {
        FollowUp = followUp;
        if (items is null)
            return;
        Begin(followUp.Rule);
        if (items.Length == Items.Length)
            items.CopyTo(Items, 0);
    }

    /// <summary>Ends the search for missing optional conditions.</summary>
    internal void EndFollowUp() => FollowUp = null;

    /// <summary>Sets or ends the hold.</summary>
    internal void SetHold(Hold hold) => _hold = hold;

    /// <summary>Notes an announced device that has a key of this device. False if it was noted last.</summary>
    internal bool Meets(Device owner)
    {
        if (_metOwner == owner.Id)
            return false;
        _metOwner = owner.Id;
        return true;
    }

    /// <summary>True if the history does not contain this result of the last look yet.</summary>
    internal bool IsNews(BoundRule rule, long held)
    {
        if (_notedRule == rule && _notedHeld == held)
            return false;
        (_notedRule, _notedHeld) = (rule, held);
        return true;
    }

    /// <summary>Resets it for another device.</summary>
    internal void Renew(Device device)
    {
        Device = device;
        _events.Clear();
        _add.End();
        ResetVerdict();
        (InFlight, IsOfChange, LookedUsec, RememberedUsec, LookAgain) = (null, false, 0, 0, false);
        (LastSeen, FirstSeen, LookErrno, BlindSinceUsec) = (default, default, 0, 0);
        (_hold, _metOwner, _notedRule, _notedHeld, FollowUp) = (default, 0, null, 0, null);
    }
}
