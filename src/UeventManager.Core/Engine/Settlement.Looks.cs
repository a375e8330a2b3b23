using UeventManager.Core.Looks;
using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;

namespace UeventManager.Core.Engine;

internal sealed partial class Settlement
{
    // Something happened nearby: look at once if the budget allows, else as soon as it does.
    public void LookSoon(Device device, long nowUsec)
    {
        if (device.Pending is null && _promises.TryGetValue(device, out var promise))
            NewPending(device).BeginFollowUp(promise);
        if (device.Pending is { Add: { IsDraining: true } draining })
            draining.Disturb();
        if (device.Pending is not { IsDecided: false } pending || pending.Events is [{ Complete: true }, ..])
            return;
        if (_budget.Allows(nowUsec))
            StartLook(device, nowUsec, repeated: true);
        else
            _nextLooks.Set(pending.NextLook, nowUsec);
    }

    public void StartLook(Device device, long nowUsec, bool repeated, IReadOnlyList<SysfsQuery>? hung = null)
    {
        var pending = device.Pending!;
        if (pending.InFlight is not null)
        {
            pending.LookOnceMore();
            return;
        }
        _nextLooks.Clear(pending.NextLook);
        // A new look decides anew, and sets its own deadline.
        if (pending.IsInConflict)
            SetHold(pending, default);
        var look = _looks.Take(device, LookPurpose.Settle, nowUsec, _events.Order);
        look.Repeated = repeated;
        if (hung is not null)
            look.Hung.AddRange(hung);
        look.Action = device.State == DeviceState.Announced ? WaitingActions.Change : WaitingActions.Add;
        if (device.State == DeviceState.Announced && pending.IsEmpty && device.Group is not null)
            look.Action = WaitingActions.Add | WaitingActions.Change;
        var table = pending.FollowUp?.Rule.Table ?? device.Rules.Table;
        pending.BeginLook(look, table.StableCount);
        look.Facts.Reset(table.Count);
        look.Facts.DevPath = device.DevPath;
        look.Facts.SysName = device.SysName;
        look.Facts.StartedUsec = nowUsec;
        look.Facts.Stable = pending.Stable;
        BeginUdev(device, pending, look, table);
        Counters.Looks++;
        Advance(device, look, nowUsec);
    }

    public void Advance(Device device, Look look, long nowUsec)
    {
        var pending = device.Pending!;
        if (look.IsSingly)
        {
            AttachNext(device, pending, look, nowUsec);
            return;
        }
        if (look.Attaching)
        {
            if (look.Rule is { } attached && IsContradicted(pending, look, attached))
            {
                look.Ask.Clear();
                LookFindings.AskFile(look, attached);
                Probe(device, look, nowUsec);
                return;
            }
            if (look.IsVerifying ? HasComeMeanwhile(device, pending, look, nowUsec) : AsksAgain(device, pending, look, nowUsec))
                return;
            OnConditionsMet(device, pending, look, LookFindings.Of(device, pending, look), nowUsec);
            return;
        }
        look.Source = pending.PropertiesFor(look);
        look.Ask.Clear();
        LookStage stage;
        if (pending.FollowUp is { } followUp)
        {
            look.Rule = followUp.Rule;
            stage = look.Probed ? LookStage.InForce : LookStage.Ask;
            if (stage == LookStage.Ask)
                look.Ask.AddRange(followUp.Rule.WaitQueries);
        }
        else
        {
            // An announced device is judged by the rule in force, whatever action that rule waits for.
            var actions = look.Action == WaitingActions.Change || pending.Add is { Event.IsPicture: true } ? AnyAction : look.Action;
            stage = look.Rules.Evaluate(look.Facts, actions, out var rule, look.Ask);
            look.Rule = rule;
            look.MustVerifyDirectory = rule is not { NeedsPresence: true } || look.Action != WaitingActions.Add;
            // Set before the look ends, because it may hang.
            if (device.Group is { IsLifted: false } group)
                _groups.SetDeadline(group);
        }
        if (stage == LookStage.Ask || !look.Probed)
        {
            Probe(device, look, nowUsec);
            return;
        }
        if (look.Action == WaitingActions.Change && (look.Instance != device.Instance ? device.Instance.IsKnown : !look.Instance.IsKnown))
        {
            if (AwaitsPlace(pending, look, nowUsec))
                return;
            PassUnseen(device, pending, look);
            DropChanges(device, pending, look, nowUsec);
            return;
        }
        pending.Sees(look.Instance);
        if (stage == LookStage.Free)
            JudgeFree(device, pending, look, nowUsec);
        else
            Judge(device, pending, look, nowUsec);
    }

    private void Probe(Device device, Look look, long nowUsec)
    {
        foreach (var query in look.Ask)
            look.WentToWorker |= query.MayBlock;
        if (look.WentToWorker && device.Pending is { } pending)
            LimitRead(device, pending, look, nowUsec);
        look.AskedUsec = nowUsec;
        _output.Emit(new EngineCommand(CommandKind.Probe, device, Look: look, Number: look.Id));
    }

    // A read may never return, so a deadline must end it: the event's own, or, if that is over (the device is held, or new rules have a shorter
    // timeout), a deadline for this look.
    private void LimitRead(Device device, Pending pending, Look look, long nowUsec)
    {
        if (look.Rule is { } rule && (pending.Rule is null || !pending.Deadline.IsSet))
            SetDeadlines(device, pending, rule);
        if (!pending.Deadline.IsSet || pending.Deadline.DueUsec <= nowUsec)
            SetDeadline(pending, nowUsec + (pending.FirstWaiting?.DeadlineUsec <= nowUsec ? LastLookUsec(pending) : look.Rule?.Rule.TimeoutUsec ?? Rule.DefaultTimeoutUsec));
    }

    private void EndLook(Pending pending, Look look, long nowUsec)
    {
        pending.EndLook(look.StartedUsec);
        SpendLook(look, nowUsec);
    }

    private void SpendLook(Look look, long nowUsec)
    {
        // Looks of one step are answered one after the other, so each costs only the time since the previous one.
        if (look.Repeated)
            _budget.Spend(look.WentToWorker ? WorkerLookUsec : Math.Max(1, nowUsec - Math.Max(look.StartedUsec, _lastLookUsec)));
        _lastLookUsec = nowUsec;
        _looks.Return(look);
    }

    // The object of an abandoned look is not reused, because a worker may still write an answer into it.
    public void Abandon(Device device, Pending pending)
    {
        if (pending.InFlight is not { } look)
            return;
        pending.AbandonLook();
        Counters.LooksAbandoned++;
        if (look.WentToWorker)
            _output.Emit(new EngineCommand(CommandKind.Abandon, device, Look: look, Number: look.Id));
        // Its question may not have been handed to a worker yet: without an id it is not asked any more.
        look.Id = 0;
    }

    // The answers of the look under way are outdated: another look replaces it.
    public void LookAnew(Device device, Pending pending, long nowUsec)
    {
        Abandon(device, pending);
        StartLook(device, nowUsec, repeated: false);
    }
}
