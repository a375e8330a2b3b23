using UeventManager.Core.Rules;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Ordering;

/// <summary>The unreleased events of an announced device, oldest first.</summary>
/// <param name="events">The list; a waiting add is alone in it.</param>
/// <param name="pool">Takes ended events back.</param>
internal sealed class PendingChanges(List<PendingEvent> events, EventPool pool)
{
    /// <summary>The most events that queue for one device; beyond it neighbouring changes are merged.</summary>
    public const int MaxQueued = 64;

    /// <summary>True while a change waits for its conditions, or is held.</summary>
    public bool HasUnfinished
    {
        get
        {
            foreach (var queued in events)
            {
                if (queued is { Complete: false, IsPicture: false, IsLeaderChange: false, Action: UeventAction.Change })
                    return true;
            }
            return false;
        }
    }

    /// <summary>Adds an event. Beyond the limit a change replaces the change before it, because it is newer.</summary>
    /// <returns>The number of merged events.</returns>
    public int Add(PendingEvent added)
    {
        var merged = 0;
        if (events.Count >= MaxQueued && added.Action == UeventAction.Change
            && events[^1] is { Action: UeventAction.Change } last && last.Complete == added.Complete && last.IsPicture == added.IsPicture)
        {
            added.ArrivedUsec = last.ArrivedUsec;
            added.DeadlineUsec = last.DeadlineUsec;
            added.CoversLeaderChange |= last.CoversLeaderChange;
            RemoveAt(events.Count - 1);
            merged++;
        }
        events.Add(added);
        return merged;
    }

    /// <summary>Ends the incomplete changes, because the event behind them is newer.</summary>
    /// <param name="ended">The number of ended changes.</param>
    /// <returns>True if one of them was to report removed members: a change of the leader must still report them.</returns>
    public bool EndUnfinished(out int ended)
    {
        ended = 0;
        var untold = false;
        for (var i = events.Count - 1; i >= 0; i--)
        {
            if (events[i].Complete || events[i].IsPicture)
                continue;
            untold |= events[i].IsLeaderChange || events[i].CoversLeaderChange;
            RemoveAt(i);
            ended++;
        }
        return untold;
    }

    /// <summary>Makes complete changes incomplete again, because they describe the device under its old name.</summary>
    public void Reopen()
    {
        foreach (var queued in events)
        {
            if (queued.Action == UeventAction.Change)
                (queued.Complete, queued.IsPicture) = (false, false);
        }
    }

    /// <summary>Completes the events that wait only for a look, without the look.</summary>
    /// <param name="findings">Their findings.</param>
    /// <param name="order">Completes only events up to this order.</param>
    public void CompletePictures(Findings findings, long order)
    {
        DropRefresh();
        foreach (var queued in events)
        {
            if (queued is { Complete: false, IsPicture: true } && queued.Order <= order)
                (queued.Findings, queued.Complete) = (findings, true);
        }
    }

    /// <summary>Redirects an undelivered move to a newer place.</summary>
    /// <param name="properties">The newest move's properties.</param>
    /// <param name="isPicture">True if the move waits for a look.</param>
    public void RedirectMove(PropertyBuffer properties, bool isPicture)
    {
        foreach (var queued in events)
        {
            if (queued.Action == UeventAction.Move)
                queued.Properties.Set(properties.Span);
            // Events behind the move are delivered under the new name too.
            if (isPicture)
                (queued.IsPicture, queued.Complete, queued.IsUnseen) = (true, false, false);
        }
    }

    /// <summary>Removes the synthetic change for removed members.</summary>
    /// <returns>True if there was one.</returns>
    public bool DropLeaderChange()
    {
        var dropped = false;
        for (var i = events.Count - 1; i >= 0; i--)
        {
            if (!events[i].IsLeaderChange)
                continue;
            dropped = true;
            RemoveAt(i);
        }
        return dropped;
    }

    /// <summary>Removes an event that is delivered only if its look finds a difference.</summary>
    public void DropRefresh()
    {
        for (var i = events.Count - 1; i >= 0; i--)
        {
            if (events[i] is { IsRefresh: true, Complete: false })
                RemoveAt(i);
        }
    }

    /// <summary>Lets the newest incomplete change report removed members; only a look from now on serves it.</summary>
    /// <returns>False if there is no such change.</returns>
    public bool CoverLeaderChange(long order)
    {
        if (events.FindLast(queued => queued is { Complete: false, Action: UeventAction.Change }) is not { } last)
            return false;
        (last.Order, last.CoversLeaderChange) = (order, true);
        return true;
    }

    /// <summary>Ends the changes that a look would serve.</summary>
    /// <returns>The number of ended changes.</returns>
    public int DropServedBy(long lookOrder)
    {
        var dropped = 0;
        for (var i = events.Count - 1; i >= 0; i--)
        {
            if (events[i].Complete || events[i].Order > lookOrder)
                continue;
            RemoveAt(i);
            dropped++;
        }
        return dropped;
    }

    /// <summary>Times out the events whose deadline has passed.</summary>
    /// <param name="policy">The rule's policy for them.</param>
    /// <param name="unsettled">The findings of delivered events.</param>
    /// <param name="picture">The findings of events that waited only for a look.</param>
    /// <param name="nowUsec">Now.</param>
    /// <param name="merged">The number of held events that a newer held event replaced.</param>
    /// <returns>The number of timed out events.</returns>
    public int TimeOut(TimeoutPolicy policy, Findings unsettled, Findings picture, long nowUsec, out int merged)
    {
        var over = merged = 0;
        for (var i = 0; i < events.Count; i++)
        {
            var queued = events[i];
            if (queued.Complete || queued.TimedOut || queued.DeadlineUsec > nowUsec)
                continue;
            if (queued.IsPicture)
            {
                (queued.Findings, queued.Complete) = (picture, true);
                continue;
            }
            over++;
            if (policy == TimeoutPolicy.Drop)
            {
                RemoveAt(i--);
                continue;
            }
            queued.TimedOut = true;
            if (policy == TimeoutPolicy.Deliver)
            {
                (queued.Findings, queued.Complete) = (unsettled, true);
                continue;
            }
            var before = MergeHeld(i);
            i -= before;
            merged += before;
        }
        return over;
    }

    /// <summary>Completes all incomplete events as they are.</summary>
    /// <returns>The number of completed events.</returns>
    public int CompleteAll(Findings unsettled)
    {
        var completed = 0;
        foreach (var queued in events)
        {
            if (queued.Complete)
                continue;
            (queued.Findings, queued.Complete) = (unsettled, true);
            completed++;
        }
        return completed;
    }

    // Earlier held events say less than this one, so only this one stays.
    private int MergeHeld(int index)
    {
        var merged = 0;
        for (var i = index - 1; i >= 0 && events[i] is { TimedOut: true, Complete: false }; i--, merged++)
            RemoveAt(i);
        return merged;
    }

    private void RemoveAt(int index)
    {
        pool.Return(events[index]);
        events.RemoveAt(index);
    }
}
