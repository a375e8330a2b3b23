using UeventManager.Core.Drains;
using UeventManager.Core.Looks;
using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;
using UeventManager.Core.Settle;

namespace UeventManager.Core.Engine;

internal sealed partial class Settlement
{
    // No rule is in force, or the rule does not wait for this action: at most the uevent file must be read.
    private void JudgeFree(Device device, Pending pending, Look look, long nowUsec)
    {
        pending.Begin(null);
        JudgeUdev(device, pending, look, nowUsec);
        if (device.Group is { } group && !NotALeaderNow(device, pending, look, group, nowUsec))
            return;
        if (look.Rule?.MemberLinks is null)
            pending.Changes.DropLeaderChange();
        look.Rule = null;
        if (pending.Gone && look.Action == WaitingActions.Add)
        {
            OnConditionsUnmet(device, pending, look, nowUsec);
            return;
        }
        look.Ask.Clear();
        if (pending.FirstServedBy(look) is { } first && (!first.FromFile || first.FileOf != look.Instance) && IsReleasedLater(device, pending, look))
        {
            LookFindings.AskFile(look);
            Probe(device, look, nowUsec);
            return;
        }
        OnConditionsMet(device, pending, look, LookFindings.Of(device, pending, look), nowUsec);
    }

    private void Judge(Device device, Pending pending, Look look, long nowUsec)
    {
        var rule = look.Rule!;
        if (pending.Rule != rule)
            pending.Begin(rule);
        TakeUdev(device, pending, look, rule, nowUsec);
        look.Facts.Earlier = pending.Add?.Earlier;
        if (rule.MemberLinks is null && device.Group is { } group && !NotALeaderNow(device, pending, look, group, nowUsec))
            return;
        for (var i = 0; i < pending.Items.Length; i++)
        {
            var condition = rule.Items[i].Condition;
            var held = !pending.Gone && (condition.Holds(look.Facts) || KeepsVerdict(device, pending, rule, i, look.Facts));
            // While a condition holds, keep the value that was read when it began to hold; otherwise keep the last value.
            pending.Items[i].Update(held, held && pending.Items[i].Held ? pending.Items[i].Seen : condition.Seen(look.Facts), nowUsec);
        }
        _history.NoteLook(pending, rule);
        JudgeUdev(device, pending, look, nowUsec);
        rule.RememberStable(look.Facts, nowUsec);
        SetDeadlines(device, pending, rule);
        if (pending.Gone || !(IsPassing(pending, rule) || (Satisfies(device, pending, look) && MembersReady(device, pending, look, rule))))
        {
            OnConditionsUnmet(device, pending, look, nowUsec);
            return;
        }
        // Read the uevent file too, unless the event is released in the wake-up in which it arrived; a value read always takes longer than that.
        LookFindings.Ask(look, rule);
        // udev's properties are laid over the uevent file's, so the file must be read.
        if (rule.UdevEntry is not null || IsReleasedLater(device, pending, look))
            LookFindings.AskFile(look, rule);
        if (look.Ask.Count == 0 && IsContradicted(pending, look, rule))
            LookFindings.AskFile(look, rule);
        if (look.Ask.Count > 0)
            Probe(device, look, nowUsec);
        else
            OnConditionsMet(device, pending, look, LookFindings.Of(device, pending, look), nowUsec);
    }

    private static bool Satisfies(Device device, Pending pending, Look look)
    {
        if (pending.FollowUp is not null)
        {
            foreach (var item in pending.Items)
            {
                if (!item.Held)
                    return false;
            }
            return true;
        }
        foreach (var queued in pending.Queued)
        {
            if (!queued.Complete)
                return Satisfies(device, pending, look, queued.ArrivedUsec);
        }
        return device.Group is { } group && Satisfies(device, pending, look, group.FirstUsec);
    }

    // An optional condition is required only for its own time after arrival. If it was missing at the last announcement, later changes do not wait
    // for it.
    private static bool Satisfies(Device device, Pending pending, Look look, long arrivedUsec)
    {
        for (var i = 0; i < pending.Items.Length; i++)
        {
            if (!pending.Items[i].Held && !IsExcused(device, pending.Rule!.Items[i], look, arrivedUsec))
                return false;
        }
        return true;
    }

    private static bool IsExcused(Device device, WaitItem item, Look look, long arrivedUsec) =>
        item.OptionalUsec is { } optional
        && ((device.State == DeviceState.Announced && WasMissing(device, item)) || look.StartedUsec - arrivedUsec >= optional);

    private static bool WasMissing(Device device, WaitItem item)
    {
        if (device.Findings.Missing is not { } missing)
            return false;
        foreach (var text in missing)
        {
            if (ItemState.Describes(text, item))
                return true;
        }
        return false;
    }

    private void SetDeadlines(Device device, Pending pending, BoundRule rule)
    {
        if (pending.FollowUp is not null || device.State == DeviceState.Held)
            return;
        SetDeadline(pending, pending.SetDeadlines(rule.Rule.TimeoutUsec));
    }

    public void SetDeadline(Pending pending, long dueUsec)
    {
        if (dueUsec == long.MaxValue)
            _deadlines.Clear(pending.Deadline);
        else
            _deadlines.Set(pending.Deadline, dueUsec);
    }

    private void OnConditionsUnmet(Device device, Pending pending, Look look, long nowUsec)
    {
        if (device.Group is { } group && look.Rule is { } rule && !Satisfies(device, pending, look))
        {
            group.LeaderHeld = rule.MemberLinks is null;
            // The group's deadline has passed, and its members waited only for this event: deliver them without it.
            if (group.IsLifted)
                _groups.SetDeadline(group, nowUsec);
        }
        EndLook(pending, look, nowUsec);
        LeaveReconcile(device);
        if (pending.FollowUp is { } promise && promise.DeadlineUsec <= nowUsec && !pending.LookAgain)
        {
            // From now on only an event nearby causes a look.
            EndPending(device);
            return;
        }
        if (pending.Add is { ByHand: true })
        {
            // Already released by hand; only a move or new rules caused another look.
            DecideByHand(device, pending);
            return;
        }
        if (pending.Gone && pending.Events is [{ FromFile: true }, ..])
            SeeInstance(new InstanceSeen(device, default, device.LastOrder) { Gone = true });
        if (pending.LookAgain)
            StartLook(device, nowUsec, repeated: true);
        else
            ScheduleLook(device, pending, nowUsec);
    }

    private void ScheduleLook(Device device, Pending pending, long nowUsec)
    {
        if (pending.LookErrno != 0)
        {
            _nextLooks.Set(pending.NextLook, LookTimes.Retry(pending.BlindSinceUsec, nowUsec));
            return;
        }
        if (pending.FollowUp is { } followUp)
        {
            _nextLooks.Set(pending.NextLook, LookTimes.Next(followUp.ArrivedUsec, nowUsec, followUp.DeadlineUsec, _budget.IsEager(nowUsec)));
            return;
        }
        var waiting = pending.FirstWaiting;
        if (waiting is null && device.Group is { } group)
        {
            _nextLooks.Set(pending.NextLook, LookTimes.Next(group.FirstUsec, nowUsec, Math.Max(nowUsec, group.Deadline.DueUsec), _budget.IsEager(nowUsec)));
            return;
        }
        if (waiting is null || device.State == DeviceState.Held)
        {
            _nextLooks.Set(pending.NextLook, nowUsec + LookTimes.HeldUsec);
            return;
        }
        if (waiting.DeadlineUsec == long.MaxValue)
        {
            // No rule is in force and the directory is gone: the remove is under way, and the default timeout ends the wait if the remove never
            // comes.
            waiting.DeadlineUsec = waiting.ArrivedUsec + Rule.DefaultTimeoutUsec;
            SetDeadline(pending, waiting.DeadlineUsec);
        }
        var next = LookTimes.Next(waiting.ArrivedUsec, nowUsec, waiting.DeadlineUsec, _budget.IsEager(nowUsec));
        for (var i = 0; i < pending.Items.Length; i++)
        {
            var optional = pending.Items[i].Held ? null : pending.Rule!.Items[i].OptionalUsec;
            if (optional is { } usec && waiting.ArrivedUsec + usec > nowUsec)
                next = Math.Min(next, waiting.ArrivedUsec + usec);
        }
        _nextLooks.Set(pending.NextLook, next);
    }

    private bool IsReleasedLater(Device device, Pending pending, Look look)
    {
        if (pending.FollowUp is not null || look.WentToWorker || look.Rule is { LeaderLink: not null })
            return true;
        foreach (var query in look.Ask)
        {
            if (query.MayBlock)
                return true;
        }
        foreach (var queued in pending.Queued)
        {
            // The properties of a scan come from the directory that the scan read.
            if (queued.Wakeup != _events.Wakeup || (queued.FromFile && queued.FileOf != look.Instance))
                return true;
        }
        // A decided ancestor is released in this wake-up, and this device right after it.
        return _blockers.On(device).By is { Pending: not { IsDecided: true } };
    }
}
