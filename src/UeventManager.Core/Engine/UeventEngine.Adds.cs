using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;
using UeventManager.Core.Settle;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Engine;

public sealed partial class UeventEngine
{
    // A device that was not known. Where nothing must be looked at its add is complete in this very step; what was
    // found by a scan is a hint only and always gets a look.
    private Device BeginAdd(PendingEvent pending, ReadOnlySpan<byte> path, string subsystem, long nowUsec, bool scanned = false)
    {
        var device = new Device(subsystem, _rules.For(subsystem)) { Id = ++_deviceId, CreatedOrder = pending.Order, LastOrder = pending.Order };
        _tree.Add(device, path);
        LookAround(device, nowUsec);
        BeginWait(device, pending, nowUsec, scanned);
        return device;
    }

    private void BeginWait(Device device, PendingEvent pending, long nowUsec, bool scanned = false)
    {
        pending.Action = UeventAction.Add;
        if (scanned || BeforeLook(device, pending.Properties, WaitingActions.Add) == FirstAnswer.Look)
        {
            NewWait(device).Queue.Add(pending);
            StartLook(device, nowUsec, repeated: false);
            return;
        }
        pending.Complete = true;
        // Nothing depends on the answer, but a later scan compares instances.
        Identify(device, null, nowUsec);
        ReleaseOrQueue(device, pending, nowUsec);
    }

    // While an add waits, whatever else comes for the device renews its properties and is not delivered by itself.
    private void Fold(Device device, in Uevent uevent, long nowUsec)
    {
        Counters.Folded++;
        var wait = device.Wait!;
        var add = wait.Queue[0];
        add.Properties.Set(uevent.Properties);
        if (wait.FileText is { } file)
            Overlay(add, file);
        if (wait.Decided && !add.Complete)
            return;
        VoidDecision(wait);
        if (add.Complete)
            return;
        StartLook(device, nowUsec, repeated: false);
    }

    // The first add's instance is gone without a remove: it annihilates, and the second add begins anew.
    private void RestartAdd(Device device, PendingEvent second)
    {
        var wait = device.Wait!;
        Counters.Vanished++;
        Recycle(wait.Queue[0]);
        wait.Queue[0] = second;
        wait.Items = [];
        wait.Rule = null;
        Array.Clear(wait.Stable);
        device.AddSeqnum = second.Seqnum;
        device.CreatedOrder = second.Order;
        if (device.State == DeviceState.Held)
            device.State = DeviceState.Waiting;
    }

    // An add for a device that subscribers know already: the same instance's is a change (a trigger, a replay); for
    // another instance the remove was lost.
    private void Identify(Device device, PendingEvent? add, long nowUsec, bool reconcile = false)
    {
        var look = NewLook(device, LookPurpose.Identify, nowUsec);
        look.Repeated = reconcile;
        look.Payload = add;
        Emit(new EngineCommand(CommandKind.Probe, device, Look: look));
    }

    private void Identified(Device device, Look look, long nowUsec)
    {
        var add = look.Payload as PendingEvent;
        EndedLooks++;
        if (!device.InTree)
        {
            if (add is not null)
                ReAdd(device, add, nowUsec);
            return;
        }
        if (add is null)
        {
            if (!look.Instance.IsKnown && look.Repeated)
                _draining.Enqueue(new Drain(device, null, 0, EndedLooks, look.StartedOrder));
            else if (!device.Instance.IsKnown)
                device.Instance = look.Instance;
            if (look.Repeated && look.Instance.IsKnown)
                LeaveReconcile(device);
            return;
        }
        if (device.State == DeviceState.Announced && (!device.Instance.IsKnown || !look.Instance.IsKnown || look.Instance == device.Instance))
        {
            if (look.Instance.IsKnown)
                device.Instance = look.Instance;
            if (look.Repeated)
            {
                Recycle(add);
                LeaveReconcile(device);
                return;
            }
            Counters.RepeatedAdds++;
            StepChange(device, add, nowUsec);
            return;
        }
        Report(Incident.RemoveLost, device);
        RemoveSubtree(device, null, nowUsec);
        ReAdd(device, add, nowUsec);
    }

    private void ReAdd(Device device, PendingEvent add, long nowUsec)
    {
        if (_tree.Find(device.Node.Path) is not null)
        {
            Recycle(add);
            return;
        }
        var seqnum = add.Seqnum;
        var added = BeginAdd(add, device.Node.Path, device.Subsystem, nowUsec, scanned: seqnum == 0);
        added.AddSeqnum = seqnum;
        if (seqnum == 0)
            EnterReconcile(added);
        else
            add.Synthetic = PropertyBlock.TryGet(add.Properties.Span, "SYNTH_UUID"u8, out _);
    }
}
