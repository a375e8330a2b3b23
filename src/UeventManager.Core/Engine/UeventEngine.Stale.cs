using UeventManager.Core.Ordering;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Engine;

// uevent_seqnum is taken before the broadcast and is not serialised with it: events of two CPUs may overtake each other.
// So a remove may come after the add of the next instance, and a change after its device's remove.
public sealed partial class UeventEngine
{
    private void StepStale(Device? device, in Uevent uevent, long nowUsec)
    {
        if (uevent.Action != UeventAction.Remove)
        {
            Counters.StaleEvents++;
            // A rename that comes after the remove of what was renamed: nothing is at the old place any more.
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
            // Unless what has announced the device came from it after its remove: then nothing is there.
            _settlement.Identify(device, null, nowUsec, reconcile: true);
    }

    // Its life began with an add older than this remove, and went on with a newer one, which is another instance's that was
    // there before anybody had looked: a newer add overtook this remove. Close the old instance and reopen the new one; what was below the old one went with it.
    private void Overtaken(Device device, in Uevent uevent, long nowUsec)
    {
        SweepBelow(device, uevent.Seqnum, nowUsec);
        // Another device at the same place may be of another subsystem.
        var isOfOther = device.AddSubsystem is { } added && added != device.Subsystem;
        if (device.State is DeviceState.Waiting or DeviceState.Held && !isOfOther)
            TakeOver(device, nowUsec);
        else if (!isOfOther && DeviceTree.TopmostAnnounced(device.Node).Any())
            // Children of the second one were told already: for subscribers the two are one that has changed.
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

    // The add of another instance, seen at the device's path, that is being drained. A storm drains many: they are gone through only for a device of which
    // another instance was seen.
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
        // The directory that is open is the former one's.
        _output.Forget(device);
        Counters.Vanished++;
        device.FirstSeqnum = device.AddSeqnum;
        add.RenewLife(device.AddSeqnum, nowUsec);
        device.State = DeviceState.Waiting;
        if (add.IsDraining)
            return;
        // The file that was laid over it is the former one's.
        add.DropFile();
        _settlement.VoidDecision(pending);
        add.Void();
        device.Instance = default;
        pending.ResetVerdict();
        pending.ForgetFirst();
        _settlement.LookAnew(device, pending, nowUsec);
    }
}
