using UeventManager.Core.Ordering;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Engine;

// The kernel takes uevent_seqnum before it broadcasts, without serialising the two: events of two CPUs may overtake each other. So a remove may come
// after the add of the next instance, and a change after its device's remove.
public sealed partial class UeventEngine
{
    private void StepStale(Device? device, in Uevent uevent, long nowUsec)
    {
        if (uevent.Action != UeventAction.Remove)
        {
            Counters.StaleEvents++;
            // A rename overtaken by the remove of the renamed device: nothing is at the old path any more.
            if (uevent.Action == UeventAction.Move && device is null && _tree.Find(uevent.DevPathOld) is { } renamed)
                _settlement.Identify(renamed, null, nowUsec, reconcile: true);
            return;
        }
        Counters.StaleRemoves++;
        if (device is null)
            return;
        if ((device.FirstSeqnum > 0 && device.FirstSeqnum < uevent.Seqnum) || NextInstance(device) is not null)
            Overtaken(device, uevent, nowUsec);
        else
            // The event that announced the device may belong to the removed instance: then the directory is gone.
            _settlement.Identify(device, null, nowUsec, reconcile: true);
    }

    // A newer add overtook this remove: the device began with an add older than the remove, and its newest add belongs to another instance, which
    // existed before any look. End the old instance with its descendants, and begin the new one.
    private void Overtaken(Device device, in Uevent uevent, long nowUsec)
    {
        SweepBelow(device, uevent.Seqnum, nowUsec);
        // Another device at the same path may have another subsystem.
        var isOfOther = device.AddSubsystem is { } added && added != device.Subsystem;
        if (device.State is DeviceState.Waiting or DeviceState.Held && !isOfOther)
            TakeOver(device, nowUsec);
        else if (!isOfOther && DeviceTree.TopmostAnnounced(device.Node).Any())
            // Children of the new instance are announced already: for subscribers the two instances are one device that has changed.
            device.FirstSeqnum = device.AddSeqnum;
        else
            Split(device, uevent, nowUsec);
    }

    private void Split(Device device, in Uevent uevent, long nowUsec)
    {
        var again = NewestAdd(device, nowUsec);
        var blocked = device.Blocked;
        device.Blocked = null;
        var reconciling = _reconciliation.BeginReplacement(device);
        RemoveOne(device, _events.New(uevent, UeventAction.Remove, synthetic: false, nowUsec), nowUsec);
        ReAdd(again, reconciling, nowUsec);
        _settlement.Unblock(blocked, device, nowUsec);
    }

    // The add of another instance at the device's path, while it is drained. A storm has many drains, so they are searched only for a device with a
    // known replacement.
    private PendingEvent? NextInstance(Device device) => _reconciliation.ReplaceOrder(device) == 0 ? null : _drains.NextInstanceOf(device);

    private static PropertyBuffer NewestProperties(Device device) => device.Pending is { Events: [.., var last] } ? last.Properties : device.Properties;

    private void SweepBelow(Device device, long seqnum, long nowUsec)
    {
        var leaving = DeviceTree.RemovalOrder(device, long.MaxValue)
            .FindAll(below => below.AddSeqnum > 0 && below.PlacedOrder == below.CreatedOrder ? below.AddSeqnum < seqnum : below.PlacedOrder < device.LastAddOrder);
        RemoveAll(leaving, nowUsec);
    }

    private void TakeOver(Device device, long nowUsec)
    {
        if (device.Pending is not { Add: { } add } pending)
            return;
        // The open directory belongs to the previous instance.
        _output.Forget(device);
        Counters.Vanished++;
        device.FirstSeqnum = device.AddSeqnum;
        add.RenewLife(device.AddSeqnum, nowUsec);
        device.State = DeviceState.Waiting;
        if (add.IsDraining)
            return;
        // The uevent file in the add's properties belongs to the previous instance.
        add.DropFile();
        _settlement.VoidDecision(pending);
        add.Void();
        device.Instance = default;
        pending.ResetVerdict();
        pending.ForgetFirst();
        _settlement.LookAnew(device, pending, nowUsec);
    }
}
