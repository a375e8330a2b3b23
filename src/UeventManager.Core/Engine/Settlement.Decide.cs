using UeventManager.Core.Drains;
using UeventManager.Core.History;
using UeventManager.Core.Looks;
using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Engine;

internal sealed partial class Settlement
{
    // The engine accepts an instance that a look saw once the drain shows that no queued event contradicts it.
    private void SeeInstance(InstanceSeen seen)
    {
        _drains.EndLook();
        _drains.Add(seen);
    }

    // Every condition held at this look. An add is decided and drained; a change needs no drain, but the look must have seen the announced instance.
    private void OnConditionsMet(Device device, Pending pending, Look look, Findings findings, long nowUsec)
    {
        var file = LookFindings.FileText(look, UdevToAttach(device, look).Span);
        if (look.Action == WaitingActions.Add)
        {
            _drains.EndLook();
            device.Instance = look.Instance;
            _groups.SetLeader(device, look.Rule?.LeaderLink is { } link ? look.Facts[link.Slot].LinkTarget : null);
            pending.Add!.TakeFile(file, look.WithFile);
            EndLook(pending, look, nowUsec);
            Decide(device, pending, findings);
            return;
        }
        if (!device.Instance.IsKnown && look.Instance.IsKnown && (pending.HasUnserved || pending.FollowUp is not null))
        {
            // Only the drain shows whether this is the announced instance.
            var adopts = _reconciliation.MayAdopt(device);
            if (adopts)
                SeeInstance(new InstanceSeen(device, look.Instance, look.StartedOrder));
            EndLook(pending, look, nowUsec);
            if (!adopts)
                ScheduleLook(device, pending, nowUsec);
            return;
        }
        if (pending.FollowUp is { } followUp)
        {
            // All promised conditions hold. Values without an answer are reported; other conditions do not belong to this announcement.
            var found = findings with { Missing = LookFindings.WithoutAnswer(look) };
            EndLook(pending, look, nowUsec);
            FollowUpSettled(device, pending, followUp, found, file, nowUsec);
            return;
        }
        if (device.Group is { } group && !pending.HasUnserved)
        {
            EndLook(pending, look, nowUsec);
            DecideGroup(group);
            return;
        }
        if (pending.FirstServedBy(look) is { IsRefresh: true } && IsSame(findings, device.Findings) && !HasUdevNews(device, look))
        {
            pending.Changes.DropRefresh();
            device.DroppedChange = null;
            _output.Emit(new EngineCommand(CommandKind.Ended, device));
        }
        // If this look serves nothing, another one at once would not either.
        var isInVain = !ServeChanges(device, pending, look, findings, file) && pending.FirstServedBy(look) is not null;
        EndLook(pending, look, nowUsec);
        LeaveReconcile(device);
        TryRelease(device, nowUsec);
        if (!device.InTree || device.Pending != pending || !pending.HasUnserved)
            return;
        if (isInVain && !pending.LookAgain)
            ScheduleLook(device, pending, nowUsec);
        else
            StartLook(device, nowUsec, repeated: true);
    }

    // Returns true if the look has completed an event.
    private bool ServeChanges(Device device, Pending pending, Look look, Findings findings, UeventText? file)
    {
        var (passed, served) = (false, false);
        foreach (var queued in pending.Queued)
        {
            if (queued.Complete)
                continue;
            var waits = Waits(queued, pending.Rule);
            if (queued.Order > look.StartedOrder || (waits && !(Satisfies(device, pending, look, queued.ArrivedUsec) && IsUdevDoneWith(device, pending, look, queued))))
                break;
            // This look did not ask whether the members are ready; another one will.
            if (waits && passed && pending.Rule!.MemberLinks is not null)
                break;
            passed |= !waits;
            if (file is { } text)
                queued.Overlay(text);
            queued.Findings = findings;
            queued.LeadsGroup = device.Group is not null && waits;
            queued.IsPicture |= !waits;
            queued.Complete = served = true;
        }
        return served;
    }

    private void DropChanges(Device device, Pending pending, Look look, long nowUsec)
    {
        Counters.ChangesOfOtherInstance += pending.Changes.DropServedBy(look.StartedOrder);
        _output.Emit(new EngineCommand(CommandKind.Ended, device));
        EndLook(pending, look, nowUsec);
        LeaveReconcile(device);
        EndFollowUp(pending);
        if (pending.IsEmpty)
        {
            EndPending(device);
            return;
        }
        TryRelease(device, nowUsec);
        if (device.InTree && device.Pending == pending && pending.HasUnserved)
            StartLook(device, nowUsec, repeated: true);
    }

    private void Decide(Device device, Pending pending, Findings findings)
    {
        var add = pending.Add!;
        add.Decide(findings, leadsGroup: device.Group is not null);
        _nextLooks.Clear(pending.NextLook);
        _deadlines.Clear(pending.Deadline);
        _drains.Add(pending, add);
    }

    // Returns true if there was a decision to void.
    public bool VoidDecision(Pending pending)
    {
        if (pending.Add is not { IsDecided: true } add)
            return false;
        _history.Note(pending.Device, MomentKind.Voided);
        LeaveGroup(pending);
        SetHold(pending, default);
        add.Void();
        // The group's deadline has passed, and its members waited only for this event: deliver them without it.
        if (pending.Device.Group is { IsLifted: true } group)
            _groups.SetDeadline(group, group.FirstUsec);
        return true;
    }

    // Another instance may stand at the device's path, so all answers about this add are void, also those of a look under way.
    public void VoidAdd(Pending pending, long nowUsec)
    {
        if (VoidDecision(pending))
            Counters.Voided++;
        pending.Add?.Void();
        LookAnew(pending.Device, pending, nowUsec);
    }

    public void Complete(Device device, Pending pending, PendingAdd add, long nowUsec)
    {
        if (IsOutdated(add))
        {
            VoidDecision(pending);
            StartLook(device, nowUsec, repeated: false);
            return;
        }
        add.Complete();
        if (add.Event.Findings.Settled)
            Counters.Settled++;
        // Devices that exist at start are reconciled together: a member stays in the reconciliation until its group is released.
        if (JoinGroup(device, add, nowUsec))
            return;
        TryRelease(device, nowUsec);
        LeaveReconcile(device);
    }

    private void FollowUpSettled(Device device, Pending pending, FollowUp followUp, Findings findings, UeventText? file, long nowUsec)
    {
        var change = _events.New(UeventAction.Change, device, followUp.ArrivedUsec);
        if (file is { } text)
            change.Overlay(text);
        EndFollowUp(pending);
        _promises.Remove(device);
        change.Findings = findings;
        change.Complete = true;
        Enqueue(pending, change);
        TryRelease(device, nowUsec);
    }
}
