using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;
using UeventManager.Core.Settle;

namespace UeventManager.Core.Engine;

public sealed partial class UeventEngine
{
    // No rule is in force, or the one in force does not wait for this action: only the uevent file may have to be read.
    private void JudgeFree(Device device, Wait wait, Look look, long nowUsec)
    {
        wait.Rule = null;
        wait.Items = [];
        if (device.Group is { } group && !NotALeaderNow(device, wait, look, group, nowUsec))
            return;
        if (look.Rule?.MemberLinks is null)
            DropOwed(wait);
        look.Rule = null;
        if (wait.Gone && look.Action == WaitingActions.Add)
        {
            NotHeld(device, wait, look, nowUsec);
            return;
        }
        look.Ask.Clear();
        if (FirstUnserved(wait, look) is { } first && (!first.FromFile || first.FileOf != look.Instance) && IsReleasedLater(device, wait, look))
        {
            BeginAttach(look, BareAttachment.Table);
            look.Ask.Add(BareAttachment.UeventFile);
            look.WithFile = true;
            Probe(device, look, nowUsec);
            return;
        }
        Held(device, wait, look, FindingsOf(device, wait, look), nowUsec);
    }

    private static PendingEvent? FirstUnserved(Wait wait, Look look)
    {
        foreach (var pending in wait.Queue)
        {
            if (!pending.Complete && pending.Order <= look.StartedOrder)
                return pending;
        }
        return null;
    }

    private void Judge(Device device, Wait wait, Look look, long nowUsec)
    {
        var rule = look.Rule!;
        if (wait.Rule != rule)
            wait.Begin(rule);
        if (rule.MemberLinks is null && device.Group is { } group && !NotALeaderNow(device, wait, look, group, nowUsec))
            return;
        for (var i = 0; i < wait.Items.Length; i++)
        {
            var condition = rule.Items[i].Condition;
            var held = condition.Holds(look.Facts) && !wait.Gone;
            // What was read when it began to hold is kept; while it does not hold, what was read last.
            wait.Items[i].Update(held, held && wait.Items[i].Held ? wait.Items[i].Seen : condition.Seen(look.Facts), nowUsec);
        }
        NoteLook(device, wait, rule);
        rule.RememberStable(look.Facts, nowUsec);
        SetDeadlines(device, wait, rule);
        if (wait.Gone || !Satisfies(device, wait, look) || !MembersReady(device, wait, look, rule))
        {
            NotHeld(device, wait, look, nowUsec);
            return;
        }
        AskAttachments(device, wait, look, rule);
        if (look.Ask.Count > 0)
            Probe(device, look, nowUsec);
        else
            Held(device, wait, look, FindingsOf(device, wait, look), nowUsec);
    }

    private static bool Satisfies(Device device, Wait wait, Look look)
    {
        if (wait.FollowUp is not null)
        {
            foreach (var item in wait.Items)
            {
                if (!item.Held)
                    return false;
            }
            return true;
        }
        foreach (var pending in wait.Queue)
        {
            if (!pending.Complete)
                return Satisfies(device, wait, look, pending.ArrivedUsec);
        }
        return device.Group is { } group && Satisfies(device, wait, look, group.FirstUsec);
    }

    // An optional item is required for its own time after arrival; one that was missing at the last announcement holds
    // no later change.
    private static bool Satisfies(Device device, Wait wait, Look look, long arrivedUsec)
    {
        for (var i = 0; i < wait.Items.Length; i++)
        {
            if (wait.Items[i].Held)
                continue;
            var item = wait.Rule!.Items[i];
            if (item.OptionalUsec is not { } optional)
                return false;
            var excused = device.State == DeviceState.Announced && WasMissing(device, item);
            if (!excused && look.StartedUsec - arrivedUsec < optional)
                return false;
        }
        return true;
    }

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

    private void SetDeadlines(Device device, Wait wait, BoundRule rule)
    {
        if (wait.FollowUp is not null || device.State == DeviceState.Held)
            return;
        var earliest = long.MaxValue;
        foreach (var pending in wait.Queue)
        {
            if (pending.Complete || pending.TimedOut)
                continue;
            pending.DeadlineUsec = pending.ArrivedUsec + rule.Rule.TimeoutUsec;
            earliest = Math.Min(earliest, pending.DeadlineUsec);
        }
        SetDeadline(wait, earliest);
    }

    private void SetDeadline(Wait wait, long dueUsec)
    {
        if (dueUsec == long.MaxValue)
            _deadlines.Clear(wait.Deadline);
        else
            _deadlines.Set(wait.Deadline, dueUsec);
    }

    private void NotHeld(Device device, Wait wait, Look look, long nowUsec)
    {
        if (device.Group is { } group && look.Rule is { } rule && !Satisfies(device, wait, look))
        {
            group.LeaderHeld = rule.MemberLinks is null;
            // Its members were to go out with it, their time being over: they go without it.
            if (group.IsLifted)
                _groupDeadlines.Set(group.Deadline, nowUsec);
        }
        EndLook(wait, look, nowUsec);
        LeaveReconcile(device);
        if (wait.ByHand)
        {
            // Somebody wants it announced as it is; a move or other rules only made us look again.
            DecideByHand(device, wait);
            return;
        }
        if (wait.Gone && wait.Queue is [{ FromFile: true }, ..])
            _draining.Enqueue(new Drain(device, null, 0, ++EndedLooks, device.LastOrder) { Gone = true });
        if (wait.LookAgain)
            StartLook(device, nowUsec, repeated: true);
        else
            ScheduleLook(device, wait, nowUsec);
    }

    private void ScheduleLook(Device device, Wait wait, long nowUsec)
    {
        if (wait.LookErrno != 0)
        {
            _nextLooks.Set(wait.NextLook, LookTimes.Retry(wait.BlindSinceUsec, nowUsec));
            return;
        }
        if (wait.FollowUp is { } followUp)
        {
            _nextLooks.Set(wait.NextLook, LookTimes.Next(followUp.ArrivedUsec, nowUsec, followUp.DeadlineUsec));
            return;
        }
        PendingEvent? waiting = null;
        foreach (var pending in wait.Queue)
        {
            if (!pending.TimedOut && !pending.Complete)
            {
                waiting = pending;
                break;
            }
        }
        if (waiting is null && device.Group is { } group)
        {
            _nextLooks.Set(wait.NextLook, LookTimes.Next(group.FirstUsec, nowUsec, Math.Max(nowUsec, group.Deadline.DueUsec)));
            return;
        }
        if (waiting is null || device.State == DeviceState.Held)
        {
            _nextLooks.Set(wait.NextLook, nowUsec + LookTimes.HeldUsec);
            return;
        }
        if (waiting.DeadlineUsec == long.MaxValue)
        {
            // No rule is in force and the directory is gone: its remove is under way, and only that ends it in time.
            waiting.DeadlineUsec = waiting.ArrivedUsec + Rule.DefaultTimeoutUsec;
            SetDeadline(wait, waiting.DeadlineUsec);
        }
        var next = LookTimes.Next(waiting.ArrivedUsec, nowUsec, waiting.DeadlineUsec);
        for (var i = 0; i < wait.Items.Length; i++)
        {
            var optional = wait.Items[i].Held ? null : wait.Rule!.Items[i].OptionalUsec;
            if (optional is { } usec && waiting.ArrivedUsec + usec > nowUsec)
                next = Math.Min(next, waiting.ArrivedUsec + usec);
        }
        _nextLooks.Set(wait.NextLook, next);
    }

    // The second half of the deciding look: what the rule attaches, and the uevent file unless the event is released in
    // the wake-up in which it came (a value read always takes longer than that).
    private void AskAttachments(Device device, Wait wait, Look look, BoundRule rule)
    {
        BeginAttach(look, rule.AttachTable);
        AskAttachments(look, rule, rule.Attributes);
        AskAttachments(look, rule, rule.Links);
        if (rule.UdevEntry is { } entry)
            AskAttachment(look, rule, entry);
        look.WithFile = IsReleasedLater(device, wait, look);
        if (look.WithFile)
            AskAttachment(look, rule, rule.UeventFile);
    }

    private static void BeginAttach(Look look, QueryTable table)
    {
        look.Ask.Clear();
        look.Attaching = true;
        look.AttachFacts.Reset(table.Count);
    }

    private static void AskAttachments(Look look, BoundRule rule, IReadOnlyList<SysfsQuery> queries)
    {
        for (var i = 0; i < queries.Count; i++)
            AskAttachment(look, rule, queries[i]);
    }

    // What was asked for match or wait is attached as it was then: so what is delivered is what held.
    private static void AskAttachment(Look look, BoundRule rule, SysfsQuery query)
    {
        if (rule.Answered(query, look.Facts, out var answer))
            look.AttachFacts.Put(query.Slot, answer);
        else if (!look.Ask.Contains(query))
            look.Ask.Add(query);
    }

    private bool IsReleasedLater(Device device, Wait wait, Look look)
    {
        if (wait.FollowUp is not null || look.WentToWorker || look.Rule is { LeaderLink: not null })
            return true;
        foreach (var query in look.Ask)
        {
            if (query.MayBlock)
                return true;
        }
        foreach (var pending in wait.Queue)
        {
            // A scan's properties are of the directory that it read.
            if (pending.Wakeup != _wakeup || (pending.FromFile && pending.FileOf != look.Instance))
                return true;
        }
        // An ancestor that is drained already goes out in this wake-up, and this one after it.
        return Blocker(device) is { Wait: not { Decided: true } };
    }
}
