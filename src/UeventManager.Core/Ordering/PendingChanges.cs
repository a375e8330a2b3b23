using UeventManager.Core.Rules;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Ordering;

/// <summary>The events of an announced device that are not released, oldest first.</summary>
/// <param name="events">The list; while an add waits it is the only one in it.</param>
/// <param name="pool">Where events go that are over.</param>
internal sealed class PendingChanges(List<PendingEvent> events, EventPool pool)
{
    /// <summary>Most events that queue for one device; beyond it neighbouring changes merge.</summary>
    public const int MaxQueued = 64;

    /// <summary>Adds one. Beyond the limit a change takes the place of the one before it: what it says is newer.</summary>
    /// <returns>How many were merged.</returns>
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

    /// <summary>Ends the changes that are not complete: what came behind them is newer.</summary>
    /// <param name="ended">How many there were.</param>
    /// <returns>True if one of them was to tell of members that went: that is still to be told.</returns>
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

    /// <summary>Takes back that changes are complete: they say something of a name that the device has no more.</summary>
    public void Reopen()
    {
        foreach (var queued in events)
        {
            if (queued.Action == UeventAction.Change)
                (queued.Complete, queued.IsPicture) = (false, false);
        }
    }

    /// <summary>What waits for a look alone goes out without one.</summary>
    /// <param name="findings">What is said of it.</param>
    /// <param name="order">Only what came until then.</param>
    public void CompletePictures(Findings findings, long order)
    {
        foreach (var queued in events)
        {
            if (queued is { Complete: false, IsPicture: true } && queued.Order <= order)
                (queued.Findings, queued.Complete) = (findings, true);
        }
    }

    /// <summary>A move that is not told leads elsewhere now.</summary>
    /// <param name="properties">What the newest move says.</param>
    /// <param name="isPicture">It waits for a look.</param>
    public void RedirectMove(PropertyBuffer properties, bool isPicture)
    {
        foreach (var queued in events)
        {
            if (queued.Action == UeventAction.Move)
                queued.Properties.Set(properties.Span);
            // What came behind it is told under the new name too.
            if (isPicture)
                (queued.IsPicture, queued.Complete, queued.IsUnseen) = (true, false, false);
        }
    }

    /// <summary>Takes out what was made for a leader whose members went.</summary>
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

    /// <summary>The newest change that is not complete tells of members that went, if it is looked at from now on.</summary>
    /// <returns>False if there is none.</returns>
    public bool CoverLeaderChange(long order)
    {
        if (events.FindLast(queued => queued is { Complete: false, Action: UeventAction.Change }) is not { } last)
            return false;
        (last.Order, last.CoversLeaderChange) = (order, true);
        return true;
    }

    /// <summary>Ends the changes that a look was to serve.</summary>
    /// <returns>How many there were.</returns>
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

    /// <summary>The time of those is over whose deadline has passed.</summary>
    /// <param name="policy">What happens to them.</param>
    /// <param name="unsettled">What is said of those that are delivered.</param>
    /// <param name="picture">What is said of those that waited for a look alone.</param>
    /// <param name="nowUsec">Now.</param>
    /// <param name="merged">How many that were held gave way to a newer one that is held.</param>
    /// <returns>How many there were.</returns>
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

    /// <summary>All that are not complete go out as they are.</summary>
    /// <returns>How many there were.</returns>
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

    // Whatever is held before it says less than this one: one of them stays.
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
