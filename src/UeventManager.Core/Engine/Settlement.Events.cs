using UeventManager.Core.History;
using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Engine;

// How events reach a device: an add begins, a change waits or passes, and any other event is folded into a waiting add.
internal sealed partial class Settlement
{
    public void BeginPending(Device device, PendingEvent queued, long nowUsec, bool scanned = false)
    {
        queued.Action = UeventAction.Add;
        var first = BeforeLook(device, queued.Properties, WaitingActions.Add);
        queued.IsPicture = first == FirstAnswer.Picture;
        if (scanned || first != FirstAnswer.Pass)
        {
            NewPending(device).BeginAdd(queued);
            StartLook(device, nowUsec, repeated: false);
            return;
        }
        queued.Complete = true;
        ReleaseOrQueue(device, queued, nowUsec);
        if (device.State != DeviceState.Announced)
            Identify(device, null, nowUsec);
    }

    // While an add waits, any other event of the device renews the add's properties and is not delivered on its own.
    public void Fold(Device device, in Uevent uevent, long nowUsec)
    {
        Counters.Folded++;
        if (device.Pending is not { Add: { } add } pending)
            return;
        add.Renew(uevent.Properties, device.Rules.AsksEvent);
        _events.Remark(add.Event, uevent.Seqnum, nowUsec);
        Refold(pending, add, nowUsec);
    }

    // The add's properties have changed: look again, unless the add is being drained.
    public void Refold(Pending pending, PendingAdd add, long nowUsec)
    {
        if (add.IsDraining)
        {
            add.Disturb();
            return;
        }
        if (add is { IsComplete: true, IsDecided: false } && BeforeLook(pending.Device, add.Event.Properties, WaitingActions.Add) == FirstAnswer.Pass)
            return;
        VoidDecision(pending);
        add.Void();
        StartLook(pending.Device, nowUsec, repeated: false);
    }

    public void StepChange(Device device, PendingEvent queued, long nowUsec)
    {
        if (device.Pending is { FollowUp: not null })
            EndPending(device);
        if (BeforeLook(device, queued.Properties, WaitingActions.Change) != FirstAnswer.Look)
        {
            device.Pending?.Changes.DropLeaderChange();
            Pass(device, queued, nowUsec);
            return;
        }
        var pending = NewPending(device);
        queued.CoversLeaderChange = pending.Changes.DropLeaderChange();
        Enqueue(pending, queued);
        StartLook(device, nowUsec, repeated: false);
    }

    // An event without anything to look at is complete at once; it queues behind the device's earlier events.
    private void Append(Device device, PendingEvent queued, long nowUsec)
    {
        (queued.Complete, queued.IsUnseen) = (true, true);
        queued.Findings = device.Findings;
        if (device.Pending is { FollowUp: not null })
            EndPending(device);
        ReleaseOrQueue(device, queued, nowUsec);
    }

    private void Enqueue(Pending pending, PendingEvent queued)
    {
        if (queued.Action == UeventAction.Add)
            pending.BeginAdd(queued);
        else
            Counters.Merged += pending.Changes.Add(queued);
    }

    // The common case allocates no Pending: nothing is queued before the event and no ancestor holds it.
    private void ReleaseOrQueue(Device device, PendingEvent queued, long nowUsec)
    {
        if (device.Pending is null && !_blockers.On(device).IsSet && !KeyOwnerOf(device, queued, nowUsec).IsSet)
        {
            Release(device, queued, nowUsec);
            Unblock(device, nowUsec);
            ResumeFollowUp(device, nowUsec);
            return;
        }
        var pending = NewPending(device);
        Enqueue(pending, queued);
        TryRelease(device, nowUsec);
        if (device.Pending == pending && pending.HasUnserved && device.State == DeviceState.Announced)
            StartLook(device, nowUsec, repeated: false);
    }

    // Every other action ends a waiting change, because that action is newer. If that change was to report removed members, another change of the
    // leader must report them.
    public void StepOther(Device device, PendingEvent queued, long nowUsec)
    {
        var owed = EndChanges(device, out var endsChange);
        Pass(device, queued, nowUsec, endsChange);
        if (owed && device is { InTree: true, State: DeviceState.Announced })
            QueueLeaderChange(device, nowUsec);
    }

    // Returns true if the leader must still report removed members. Sets endsChange if a waiting change ended: the next event must then look at what
    // is missing.
    private bool EndChanges(Device device, out bool endsChange)
    {
        endsChange = device.Pending is { Changes.HasUnfinished: true };
        if (device.Pending is not { } pending)
            return false;
        PromiseEnded(device);
        var owed = pending.Changes.EndUnfinished(out var ended);
        Counters.ChangesEnded += ended;
        if (pending.IsEmpty)
            EndPending(device);
        return owed;
    }

    public void LookAround(Device device, long nowUsec)
    {
        if (_waiting + _promises.Count == 0)
            return;
        if (device.Node.ParentDevice is { } parent)
            LookSoon(parent, nowUsec);
        if (device.Node.FirstChild is null)
            return;
        foreach (var child in DeviceTree.Children(device))
            LookSoon(child, nowUsec);
    }

    public void DecideByHand(Device device, Pending pending)
    {
        var missing = DeviceHistory.MissingOf(device);
        _drains.EndLook();
        device.Instance = pending.LastSeen;
        AgreeOnDriver(pending);
        Decide(device, pending, new Findings(false, pending.Rule?.Rule.Name, missing, null, null));
    }

    public bool ReleaseChanges(Device device, Pending pending, long nowUsec)
    {
        if (!pending.HasUnserved)
            return false;
        AgreeOnDriver(pending);
        Counters.DeliveredUnsettled += pending.Changes.CompleteAll(Unsettled(pending));
        Abandon(device, pending);
        TryRelease(device, nowUsec);
        return true;
    }

    private FirstAnswer BeforeLook(Device device, PropertyBuffer properties, WaitingActions action)
    {
        if ((device.Rules.Actions & action) == 0 && !device.Rules.Attaches)
            return FirstAnswer.Pass;
        _scratch.DevPath = device.DevPath;
        _scratch.SysName = device.SysName;
        _scratchSource = properties;
        return device.Rules.BeforeLook(_scratch, action);
    }
}
