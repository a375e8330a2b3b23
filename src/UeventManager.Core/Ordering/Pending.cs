using System.Runtime.InteropServices;
using UeventManager.Core.Rules;
using UeventManager.Core.Settle;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Ordering;

/// <summary>
/// Everything pending for one device: its events, the looks at it, and what the last of them said. Exists only while something is pending.
/// Pooled: valid until the step after its end.
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

    /// <summary>Longest time for which a move waits for values that are read, in microseconds: what is below it waits too.</summary>
    internal const long MovePictureUsec = 100_000;

    internal Pending(Device device, EventPool pool)
    {
        (Device, _pool) = (device, pool);
        Changes = new PendingChanges(_events, pool);
        NextLook = new DueEntry<Pending>(this);
        Deadline = new DueEntry<Pending>(this);
    }

    /// <summary>The events that are not released yet, oldest first. While an add waits it is the only one.</summary>
    public IReadOnlyList<PendingEvent> Events => _events;

    /// <summary>The rule in force at the last look, or null.</summary>
    public BoundRule? Rule { get; private set; }

    /// <summary>What the last look saw, one for each item of <see cref="Rule"/>.</summary>
    public ItemState[] Items { get; private set; } = [];

    /// <summary>The rule that the look under way found in force, as far as it is known.</summary>
    public BoundRule? LookingAt => InFlight?.Rule;

    /// <summary>True while a look at the device is not answered in full.</summary>
    public bool IsLooking => InFlight is not null;

    /// <summary>What keeps what is complete: the one reason besides its own conditions.</summary>
    public Hold Hold => _add.MemberOf is { } group ? new Hold(HoldReason.Leader, group.Leader) : _hold;

    internal Device Device { get; private set; }

    /// <summary>The add, while its device is not announced.</summary>
    internal PendingAdd? Add => _add.IsSet ? _add : null;

    /// <summary>The events of a device that is announced.</summary>
    internal PendingChanges Changes { get; }

    /// <summary>What an announcement goes on to look for.</summary>
    internal FollowUp? FollowUp { get; private set; }

    internal DueEntry<Pending> NextLook { get; }

    internal DueEntry<Pending> Deadline { get; }

    /// <summary>The events once more; not to be kept over a change of them.</summary>
    internal ReadOnlySpan<PendingEvent> Queued => CollectionsMarshal.AsSpan(_events);

    internal bool IsEmpty => _events.Count == 0;

    internal bool IsDecided => _add.IsDecided;

    /// <summary>The group that the add waits with.</summary>
    internal Group? MemberOf => _add.MemberOf;

    /// <summary>What keeps a complete event, apart from the group.</summary>
    internal Device? BlockedBy => _hold.By;

    /// <summary>The deadline is that of a conflict: then the event goes out although another still has its name.</summary>
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

    /// <summary>True while a change waits for its conditions, or is held.</summary>
    internal bool HasUnfinishedChange
    {
        get
        {
            foreach (var queued in _events)
            {
                if (queued is { Complete: false, IsPicture: false, IsLeaderChange: false, Action: UeventAction.Change })
                    return true;
            }
            return false;
        }
    }

    /// <summary>The oldest event if it is complete; a change that is held, its time being over, holds nothing behind it.</summary>
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

    /// <summary>The oldest event whose time is not over and that waits for its conditions.</summary>
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

    /// <summary>The oldest event that waits for its conditions and that a look may serve.</summary>
    internal PendingEvent? FirstServedBy(Look look)
    {
        foreach (var queued in _events)
        {
            if (!queued.Complete && queued.Order <= look.StartedOrder)
                return queued;
        }
        return null;
    }

    /// <summary>When the first event came that waits for its conditions; <see cref="long.MaxValue"/> if none does.</summary>
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

    /// <summary>The newest of the events that a look serves. It may merge or end while values are read.</summary>
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

    /// <summary>An add has come.</summary>
    internal void BeginAdd(PendingEvent add)
    {
        _events.Add(add);
        _add.Begin(add);
    }

    /// <summary>Takes an event out: it is being released.</summary>
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

    /// <summary>Nothing that its datagrams say is known to be of the instance that is there now.</summary>
    internal void DistrustDatagrams()
    {
        foreach (var queued in _events)
            queued.Wakeup = 0;
    }

    /// <summary>Gives every event that waits the time that a rule gives, from its own arrival.</summary>
    /// <param name="timeoutUsec">The rule's timeout.</param>
    /// <param name="onlyWithout">True to leave those alone that have a deadline.</param>
    /// <returns>The earliest of the deadlines; <see cref="long.MaxValue"/> if there is none.</returns>
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

    /// <summary>An announcement goes on to look for what was optional and missing.</summary>
    /// <param name="followUp">What it looks for.</param>
    /// <param name="items">What the last look of another run saw; null to go on with what this one did.</param>
    internal void BeginFollowUp(FollowUp followUp, ItemState[]? items = null)
    {
        FollowUp = followUp;
        if (items is null)
            return;
        Begin(followUp.Rule);
        if (items.Length == Items.Length)
            items.CopyTo(Items, 0);
    }

    /// <summary>Nothing optional is looked for any more.</summary>
    internal void EndFollowUp() => FollowUp = null;

    /// <summary>Something keeps what is complete, or nothing does any more.</summary>
    internal void SetHold(Hold hold) => _hold = hold;

    /// <summary>True once for each device that is announced with a name or number of this one.</summary>
    internal bool Meets(Device owner)
    {
        if (_metOwner == owner.Id)
            return false;
        _metOwner = owner.Id;
        return true;
    }

    /// <summary>True if the history does not say yet that the last look saw this.</summary>
    internal bool IsNews(BoundRule rule, long held)
    {
        if (_notedRule == rule && _notedHeld == held)
            return false;
        (_notedRule, _notedHeld) = (rule, held);
        return true;
    }

    /// <summary>Makes it another device's, of which nothing is known.</summary>
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
