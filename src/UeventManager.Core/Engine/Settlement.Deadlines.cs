using UeventManager.Core.History;
using UeventManager.Core.Looks;
using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;
using UeventManager.Core.Settle;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Engine;

internal sealed partial class Settlement
{
    // An event reached its deadline: its rule says what happens. A read that still hangs is given up.
    private void DeadlineReached(Device device, long nowUsec)
    {
        if (device.Pending is not { } pending || EndConflict(device, pending, nowUsec) || pending.IsDecided)
            return;
        if (pending.InFlight is { IsSingly: false } begun && nowUsec - begun.AskedUsec < LastLookUsec(pending)
            && (begun.IsWithoutHung || nowUsec - FirstDeadline(pending) < LastLookUsec(pending)))
        {
            // The look, or its second half, began right before the deadline, and workers still read values: give it a deadline of its own.
            SetDeadline(pending, begun.AskedUsec + LastLookUsec(pending));
            return;
        }
        if (pending.InFlight is { Attaching: true } attaching && (pending.FollowUp is null || !LookFindings.LacksOnlyAnswers(device)))
        {
            AttachSingly(device, pending, attaching, nowUsec);
            return;
        }
        if (pending is { InFlight: null, LookErrno: 0 } && MissedLastLook(device, pending))
        {
            LastLook(device, pending, nowUsec);
            return;
        }
        if (pending.FollowUp is not null)
        {
            EndPending(device);
            return;
        }
        JudgeUnanswered(pending, nowUsec);
        Abandon(device, pending);
        LeaveReconcile(device);
        if (device.State == DeviceState.Announced)
            ChangesTimedOut(device, pending, nowUsec);
        else if (device.State == DeviceState.Held)
            ScheduleLook(device, pending, nowUsec);
        else
            AddTimedOut(device, pending, nowUsec);
    }

    // A held device has no further deadline: its looks go on at their own intervals.
    private static bool MissedLastLook(Device device, Pending pending) => device.State == DeviceState.Held
        ? pending.NextLook.IsSet && pending.NextLook.DueUsec < pending.Deadline.DueUsec
        : pending.LookedUsec < pending.Deadline.DueUsec - LookTimes.BeforeDeadlineUsec;

    // The look right before the deadline was not made, because the budget was used up or this process did not run. A device that has become complete
    // meanwhile, or lacks only optional conditions, must not time out for that reason.
    private void LastLook(Device device, Pending pending, long nowUsec)
    {
        StartLook(device, nowUsec, repeated: false);
        SetDeadline(pending, nowUsec + LastLookUsec(pending));
    }

    // A tenth of the event's own timeout: that of a move is shorter than its rule's.
    private static long LastLookUsec(Pending pending)
    {
        var usec = pending.FollowUp is { } promise ? promise.DeadlineUsec - promise.ArrivedUsec
            : pending.FirstWaiting is { DeadlineUsec: < long.MaxValue } first ? first.DeadlineUsec - first.ArrivedUsec
            : pending.Rule?.Rule.TimeoutUsec ?? Rule.DefaultTimeoutUsec;
        return Math.Max(LookTimes.ShortestUsec, usec / 10);
    }

    private static long FirstDeadline(Pending pending)
    {
        if (pending.FollowUp is { } promise)
            return promise.DeadlineUsec;
        var first = long.MaxValue;
        foreach (var queued in pending.Queued)
        {
            if (!queued.Complete && !queued.TimedOut)
                first = Math.Min(first, queued.DeadlineUsec);
        }
        return first == long.MaxValue ? 0 : first;
    }

    // Judges the answers that a hanging look has so far; conditions without an answer count as missing.
    private static void JudgeUnanswered(Pending pending, long nowUsec)
    {
        if (pending.InFlight is not { Attaching: false, Rule: { } rule } look)
            return;
        if (pending.Rule != rule)
            pending.Begin(rule);
        // Conditions are asked only once every value that the rule's match needs has been read.
        var match = rule.MatchQueries.FirstOrDefault(query => !look.Facts[query.Slot].Asked);
        for (var i = 0; i < pending.Items.Length; i++)
        {
            var condition = rule.Items[i].Condition;
            var answered = condition.Queries.All(query => look.Facts[query.Slot].Asked);
            var held = answered && condition.Holds(look.Facts);
            var seen = answered ? held ? null : condition.Seen(look.Facts) : match is null ? "no answer" : $"no answer from {match.Path}, by which the rule matches";
            pending.Items[i].Update(held, seen, nowUsec);
        }
    }

    private void AddTimedOut(Device device, Pending pending, long nowUsec)
    {
        var missing = DeviceHistory.MissingOf(device);
        // Report only what caused the timeout: an optional item cannot.
        var required = pending is { Rule: not null, Gone: false } ? pending.Missing(onlyRequired: true) ?? missing : missing;
        var policy = PolicyOf(pending);
        CountEarly(device, nowUsec);
        _history.Note(device, MomentKind.TimedOut, UeventAction.Add, (long)(pending.Gone ? TimeoutPolicy.Drop : policy));
        if (pending is { Gone: true, LookErrno: 0 })
        {
            Counters.Vanished++;
            _output.Report(Incident.Vanished, device);
            Drop(device, nowUsec);
            return;
        }
        switch (policy)
        {
            case TimeoutPolicy.Deliver:
                Counters.DeliveredUnsettled++;
                _output.Report(Incident.DeliveredUnsettled, device, required);
                _drains.EndLook();
                device.Instance = pending.LastSeen;
                _nextLooks.Clear(pending.NextLook);
                AgreeOnDriver(pending);
                Decide(device, pending, new Findings(false, pending.Rule!.Rule.Name, missing, null, null));
                break;
            case TimeoutPolicy.Drop:
                Counters.Dropped++;
                _output.Report(Incident.Dropped, device, required);
                Drop(device, nowUsec);
                break;
            default:
                Counters.Held++;
                _output.Report(Incident.Held, device, required);
                device.State = DeviceState.Held;
                Unblock(device, nowUsec);
                ScheduleLook(device, pending, nowUsec);
                break;
        }
    }

    // A device that could not be looked at may be complete, so it is not dropped.
    private static TimeoutPolicy PolicyOf(Pending pending)
    {
        var policy = pending.Rule?.Rule.OnTimeout ?? TimeoutPolicy.Hold;
        return pending.LookErrno != 0 && policy == TimeoutPolicy.Drop ? TimeoutPolicy.Hold : policy;
    }

    private void Drop(Device device, long nowUsec)
    {
        device.Instance = device.Pending!.LastSeen;
        _history.Remember(device);
        device.State = DeviceState.Dropped;
        // A dropped leader delivers no event, so its members must not wait for one.
        DissolveGroup(device, nowUsec);
        EndPending(device);
        Unblock(device, nowUsec);
    }

    private void ChangesTimedOut(Device device, Pending pending, long nowUsec)
    {
        var policy = PolicyOf(pending);
        if (pending.LastSeen.IsKnown && device.Instance.IsKnown && pending.LastSeen != device.Instance)
            policy = TimeoutPolicy.Drop;
        AgreeOnDriver(pending);
        var over = pending.Changes.TimeOut(policy, Unsettled(pending), Unseen(pending), nowUsec, out var merged);
        if (over > 0)
        {
            Counters.Merged += merged;
            Count(policy, over);
            _history.Note(device, MomentKind.TimedOut, UeventAction.Change, (long)policy);
            ReportChanges(device, pending, policy);
            if (policy == TimeoutPolicy.Drop)
                DropChange(device, pending);
        }
        if (pending.Rule is { } rule)
            SetDeadlines(device, pending, rule);
        if (pending.IsEmpty)
        {
            EndOrResume(device, nowUsec);
            return;
        }
        TryRelease(device, nowUsec);
        if (device.Pending == pending && pending.InFlight is null && pending.HasUnserved)
            ScheduleLook(device, pending, nowUsec);
    }

    // Subscribers keep the state that was delivered before; Explain names the reason.
    private void DropChange(Device device, Pending pending)
    {
        device.DroppedChange = pending.Missing() ?? [];
        _history.Remember(device);
    }

    private void Count(TimeoutPolicy policy, int times)
    {
        if (policy == TimeoutPolicy.Drop)
            Counters.Dropped += times;
        else if (policy == TimeoutPolicy.Deliver)
            Counters.DeliveredUnsettled += times;
        else
            Counters.Held += times;
    }

    // An event that is delivered with the last verdict keeps its uevent's properties. If that look found no driver, the event must not name one.
    private static void AgreeOnDriver(Pending pending)
    {
        for (var i = 0; i < pending.Items.Length; i++)
        {
            if (pending.Items[i].Held || pending.Rule!.Items[i].Condition is not LinkCondition { Path: "driver", Target: null })
                continue;
            foreach (var queued in pending.Queued)
            {
                if (!queued.Complete)
                    queued.Properties.DropUnless(default, "DRIVER="u8);
            }
        }
    }

    private static Findings Unsettled(Pending pending) => new(false, pending.Rule?.Rule.Name, pending.Missing(), null, null);

    private void ReportChanges(Device device, Pending pending, TimeoutPolicy policy) => _output.Report(policy switch
    {
        TimeoutPolicy.Drop => Incident.Dropped,
        TimeoutPolicy.Deliver => Incident.DeliveredUnsettled,
        _ => Incident.ChangeHeld,
    }, device, pending.Missing(onlyRequired: true));
}
