using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;
using UeventManager.Core.Settle;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Engine;

public sealed partial class UeventEngine
{
    // The time of an event is over: its rule says what happens. A read that still hangs is given up.
    private void DeadlineReached(Device device, long nowUsec)
    {
        if (device.Wait is not { } wait || EndConflict(device, wait, nowUsec) || wait.Decided)
            return;
        if (wait.FollowUp is not null)
        {
            EndWait(device);
            return;
        }
        if (wait.InFlight is { Attaching: true } attaching)
        {
            AttachNothing(device, wait, attaching, nowUsec);
            return;
        }
        if (wait is { InFlight: null, LookErrno: 0 } && MissedLastLook(device, wait))
        {
            LastLook(device, wait, nowUsec);
            return;
        }
        if (wait.InFlight is { } begun && begun.StartedUsec == nowUsec && nowUsec - FirstDeadline(wait) < LastLookUsec(wait))
        {
            // This step has begun it, nobody could answer yet: it is not a look that hangs.
            SetDeadline(wait, nowUsec + LastLookUsec(wait));
            return;
        }
        JudgeUnanswered(wait, nowUsec);
        Abandon(device, wait);
        LeaveReconcile(device);
        if (device.State == DeviceState.Announced)
            ChangesTimedOut(device, wait, nowUsec);
        else if (device.State == DeviceState.Held)
            ScheduleLook(device, wait, nowUsec);
        else
            AddTimedOut(device, wait, nowUsec);
    }

    // What is held is not timed out again: its looks go on at intervals of their own.
    private static bool MissedLastLook(Device device, Wait wait) => device.State == DeviceState.Held
        ? wait.NextLook.IsSet && wait.NextLook.DueUsec < wait.Deadline.DueUsec
        : wait.LookedUsec < wait.Deadline.DueUsec - LookTimes.BeforeDeadlineUsec;

    // Every condition held; only what was to be attached hangs. The event goes out without it.
    private void AttachNothing(Device device, Wait wait, Look attaching, long nowUsec)
    {
        Emit(new EngineCommand(CommandKind.Abandon, device, Look: attaching, Number: attaching.Id));
        Counters.LooksAbandoned++;
        Held(device, wait, attaching, FindingsOf(device, wait, attaching), nowUsec);
    }

    // The look that is due right before the deadline was not made: the budget was used up, or this process was not running.
    // What has become complete meanwhile, or lacks only what is optional, must not pay for it.
    private void LastLook(Device device, Wait wait, long nowUsec)
    {
        StartLook(device, nowUsec, repeated: false);
        SetDeadline(wait, nowUsec + LastLookUsec(wait));
    }

    private static long LastLookUsec(Wait wait) => Math.Max(LookTimes.ShortestUsec, (wait.Rule?.Rule.TimeoutUsec ?? Rule.DefaultTimeoutUsec) / 10);

    private static long FirstDeadline(Wait wait)
    {
        var first = long.MaxValue;
        foreach (var pending in wait.Queue)
        {
            if (!pending.Complete && !pending.TimedOut)
                first = Math.Min(first, pending.DeadlineUsec);
        }
        return first == long.MaxValue ? 0 : first;
    }

    // A look that hangs has told only a part: its rule is the one in force or about to be, and what has no answer is missing.
    private static void JudgeUnanswered(Wait wait, long nowUsec)
    {
        if (wait.InFlight is not { Attaching: false, Rule: { } rule } look)
            return;
        if (wait.Rule != rule)
            wait.Begin(rule);
        for (var i = 0; i < wait.Items.Length; i++)
        {
            var condition = rule.Items[i].Condition;
            var answered = condition.Queries.All(query => look.Facts[query.Slot].Asked);
            var held = answered && condition.Holds(look.Facts);
            wait.Items[i].Update(held, answered ? held ? null : condition.Seen(look.Facts) : "no answer", nowUsec);
        }
    }

    private void AddTimedOut(Device device, Wait wait, long nowUsec)
    {
        var missing = MissingOf(device);
        var policy = PolicyOf(wait);
        Note(device, MomentKind.TimedOut, UeventAction.Add, (long)(wait.Gone ? TimeoutPolicy.Drop : policy));
        if (wait is { Gone: true, LookErrno: 0 })
        {
            Counters.Vanished++;
            Report(Incident.Vanished, device);
            Drop(device, nowUsec);
            return;
        }
        switch (policy)
        {
            case TimeoutPolicy.Deliver:
                Counters.DeliveredUnsettled++;
                Report(Incident.DeliveredUnsettled, device, missing);
                EndedLooks++;
                device.Instance = wait.LastSeen;
                _nextLooks.Clear(wait.NextLook);
                Decide(device, wait, new Findings(false, wait.Rule!.Rule.Name, missing, null, null));
                break;
            case TimeoutPolicy.Drop:
                Counters.Dropped++;
                Report(Incident.Dropped, device, missing);
                Drop(device, nowUsec);
                break;
            default:
                Counters.Held++;
                Report(Incident.Held, device, missing);
                device.State = DeviceState.Held;
                Unblock(device, nowUsec);
                ScheduleLook(device, wait, nowUsec);
                break;
        }
    }

    // What nobody could look at may be complete: it is not given up.
    private static TimeoutPolicy PolicyOf(Wait wait)
    {
        var policy = wait.Rule?.Rule.OnTimeout ?? TimeoutPolicy.Hold;
        return wait.LookErrno != 0 && policy == TimeoutPolicy.Drop ? TimeoutPolicy.Hold : policy;
    }

    private void Drop(Device device, long nowUsec)
    {
        device.Instance = device.Wait!.LastSeen;
        Remember(device);
        device.State = DeviceState.Dropped;
        // A leader that is silent has nothing to say with its members.
        DissolveGroup(device, nowUsec);
        EndWait(device);
        Unblock(device, nowUsec);
    }

    private void ChangesTimedOut(Device device, Wait wait, long nowUsec)
    {
        var policy = PolicyOf(wait);
        if (wait.LastSeen.IsKnown && device.Instance.IsKnown && wait.LastSeen != device.Instance)
            policy = TimeoutPolicy.Drop;
        var over = 0;
        for (var i = 0; i < wait.Queue.Count; i++)
        {
            var pending = wait.Queue[i];
            if (pending.Complete || pending.TimedOut || pending.DeadlineUsec > nowUsec)
                continue;
            over++;
            if (policy == TimeoutPolicy.Drop)
            {
                Counters.Dropped++;
                Recycle(pending);
                wait.Queue.RemoveAt(i--);
                continue;
            }
            pending.TimedOut = true;
            if (policy == TimeoutPolicy.Hold)
                i -= MergeHeld(wait, i);
            else
                Unsettled(wait, pending);
        }
        if (over > 0)
        {
            Note(device, MomentKind.TimedOut, UeventAction.Change, (long)policy);
            ReportChanges(device, wait, policy);
        }
        if (wait.Rule is { } rule)
            SetDeadlines(device, wait, rule);
        if (wait.Queue.Count == 0)
        {
            EndWait(device);
            return;
        }
        TryRelease(device, nowUsec);
        if (device.Wait == wait && wait.InFlight is null && HasUnserved(wait))
            ScheduleLook(device, wait, nowUsec);
    }

    // Whatever is held before it in the queue says less than this one: one of them stays.
    private int MergeHeld(Wait wait, int index)
    {
        Counters.Held++;
        var merged = 0;
        for (var i = index - 1; i >= 0 && wait.Queue[i] is { TimedOut: true, Complete: false }; i--, merged++)
        {
            Counters.Merged++;
            Recycle(wait.Queue[i]);
            wait.Queue.RemoveAt(i);
        }
        return merged;
    }

    private void Unsettled(Wait wait, PendingEvent change)
    {
        Counters.DeliveredUnsettled++;
        change.Findings = new Findings(false, wait.Rule?.Rule.Name, Missing(wait), null, null);
        change.Complete = true;
    }

    private void ReportChanges(Device device, Wait wait, TimeoutPolicy policy) => Report(policy switch
    {
        TimeoutPolicy.Drop => Incident.Dropped,
        TimeoutPolicy.Deliver => Incident.DeliveredUnsettled,
        _ => Incident.ChangeHeld,
    }, device, Missing(wait));
}
