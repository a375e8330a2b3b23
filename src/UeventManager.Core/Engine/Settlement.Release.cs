using UeventManager.Core.History;
using UeventManager.Core.Ordering;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Engine;

internal sealed partial class Settlement
{
    // Releases complete events at the head of a device's queue, unless the order of G4 makes them wait.
    public void TryRelease(Device device, long nowUsec)
    {
        while (device is { IsLeaving: false, Pending: { NextComplete: { } next } pending })
        {
            if (pending.MemberOf is { } group)
            {
                // A hold from outside the group has ended, and perhaps the group waited only for that.
                LookSoon(group.Leader, nowUsec);
                return;
            }
            var hold = HoldOn(device, next, nowUsec);
            if (hold.Reason == HoldReason.KeyOwner)
                BeginConflict(device, pending, hold.By!, next, nowUsec);
            if (hold.By is { } blocker)
            {
                if (blocker.DeliveredPath is not null && WaitsFor(blocker, device))
                {
                    DeliverMoveNow(blocker, nowUsec);
                    continue;
                }
                if (pending.BlockedBy != blocker)
                    (blocker.Blocked ??= []).Add(device);
                SetHold(pending, hold);
                return;
            }
            SetHold(pending, default);
            if (LacksFile(pending, next))
            {
                VoidDecision(pending);
                StartLook(device, nowUsec, repeated: false);
                return;
            }
            if (next.LeadsGroup && device.Group is { } led)
            {
                ReleaseGroup(led, nowUsec);
                return;
            }
            pending.Take(next);
            Release(device, next, nowUsec);
            Unblock(device, nowUsec);
        }
        if (!device.IsLeaving)
            EndOrResume(device, nowUsec);
    }

    // The reason why a complete event still waits, apart from the device's own group.
    private Hold HoldOn(Device device, PendingEvent complete, long nowUsec)
    {
        if (_blockers.On(device) is { IsSet: true } blocker)
            return blocker;
        return _groups.WaitingLeader(device) is { } leader ? new Hold(HoldReason.Leader, leader) : KeyOwnerOf(device, complete, nowUsec);
    }

    // The deadline of a conflict ends with the conflict.
    private void SetHold(Pending pending, Hold hold)
    {
        if (pending.IsInConflict && hold.Reason != HoldReason.KeyOwner)
            _deadlines.Clear(pending.Deadline);
        pending.SetHold(hold);
    }

    // The event was expected to be released in the wake-up in which it arrived, with the datagram's properties; the drain or an ancestor took longer,
    // so the uevent file must be read.
    private bool LacksFile(Pending pending, PendingEvent add) =>
        pending.Add is { IsDecided: true, WithFile: false } && add.Wakeup != _events.Wakeup && !add.FromFile && add.Findings.Settled;

    private void Release(Device device, PendingEvent queued, long nowUsec)
    {
        var first = device.State != DeviceState.Announced;
        if (device.State == DeviceState.Held && queued.Findings.Settled)
            _output.Report(Incident.AnnouncedLate, device);
        device.State = DeviceState.Announced;
        if (!first)
            queued.KeepAttributesBefore(device.Findings.Attributes);
        device.Findings = queued.Findings;
        device.DroppedChange = null;
        FileProperties.Remember(device, queued, first);
        device.Properties.CopyFrom(queued.Properties);
        if (first)
            device.AnnouncedOrder = _events.NextOrder();
        queued.OldParentPath = device.DeliveredParent;
        if (queued.Action == UeventAction.Move)
            _moves.Deliver(device, queued);
        // Events before an undelivered move are delivered under the old name and the old parent.
        if (device.DeliveredPath is null)
            device.DeliveredParent = device.Node.ParentDevice is { } parent ? _moves.DeliveredPlace(parent) : null;
        queued.Path = _moves.DeliveredPlace(device);
        queued.ParentPath = device.DeliveredParent;
        queued.Subsystem = device.Subsystem;
        if (first && device.Rules.AsksUdev)
            _udev.Announced(device, queued.Udev);
        if (first)
            CountEarly(device, nowUsec);
        var isPromised = false;
        if (device.Pending is { } pending)
        {
            _history.Remember(device);
            SetHold(pending, default);
            isPromised = KeepPromise(device, pending, queued, nowUsec);
            BeginFollowUp(device, pending, queued, nowUsec);
        }
        if (first || queued.Action == UeventAction.Move)
            _keys.ClaimKeys(device);
        var (findings, arrivedUsec) = (queued.Findings, queued.ArrivedUsec);
        Deliver(device, queued);
        if (isPromised)
            ReleasePromised(device, findings, arrivedUsec, nowUsec);
        // Learn the instance, because scans and later adds compare it. A device that only a scan has seen may be gone, so it is reconciled.
        if (first && !device.Instance.IsKnown)
            Identify(device, null, nowUsec, reconcile: queued.FromFile);
    }

    // Missing optional conditions are looked for until the rule's timeout, so that one more change can report when they hold.
    private void BeginFollowUp(Device device, Pending pending, PendingEvent queued, long nowUsec)
    {
        EndFollowUp(pending);
        if (queued.IsUnseen || (queued.Findings.Missing is null && _promises.ContainsKey(device)))
        {
            if (pending.IsEmpty)
                ResumeFollowUp(device, nowUsec);
            return;
        }
        var findings = queued.Findings;
        // Nothing follows an event that was delivered at its timeout or by hand.
        if (findings.Missing is null || !(findings.Settled || queued.IsPicture) || pending.Rule is not { } rule)
            return;
        var deadline = queued.ArrivedUsec + rule.Rule.TimeoutUsec;
        _promises[device] = new FollowUp(rule, queued.ArrivedUsec, deadline, queued is { IsPicture: false, Udev.SinceUsec: > 0 } ? queued.Udev : MarkOf(device));
        if (deadline <= nowUsec || !pending.IsEmpty)
            return;
        // A look under way belongs to the event that was delivered without it.
        Abandon(device, pending);
        pending.BeginFollowUp(_promises[device]);
        SetDeadline(pending, deadline);
        ScheduleLook(device, pending, nowUsec);
    }

    private void EndFollowUp(Pending pending)
    {
        if (pending.FollowUp is null)
            return;
        pending.EndFollowUp();
        Abandon(pending.Device, pending);
        _deadlines.Clear(pending.Deadline);
    }

    public void Unblock(Device device, long nowUsec)
    {
        var blocked = device.Blocked;
        device.Blocked = null;
        Unblock(blocked, device, nowUsec);
    }

    public void Unblock(List<Device>? blocked, Device device, long nowUsec)
    {
        if (blocked is null)
            return;
        foreach (var child in blocked)
        {
            if (!child.InTree || child.Pending?.BlockedBy != device)
                continue;
            SetHold(child.Pending, default);
            TryRelease(child, nowUsec);
        }
    }

    public void Deliver(Device? device, PendingEvent queued)
    {
        Counters.Delivered++;
        if (device is not null)
            _history.Note(device, MomentKind.Delivered, queued.Action, queued.Findings.Settled ? 0 : 1);
        _output.Emit(new EngineCommand(CommandKind.Deliver, device, queued));
        _events.Return(queued);
    }
}
