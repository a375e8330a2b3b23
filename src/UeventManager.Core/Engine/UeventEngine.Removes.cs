using UeventManager.Core.History;
using UeventManager.Core.Ordering;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Engine;

public sealed partial class UeventEngine
{
    private void StepRemove(Device? device, in Uevent uevent, long nowUsec)
    {
        if (device is null)
        {
            // The device was never known, or was removed with a parent whose remove came first.
            Counters.UnknownRemoves++;
            foreach (var below in _tree.At(uevent.DevPath).ToList())
            {
                // The device's add may have been lost or late; devices known below it are gone in any case.
                if (below.InTree && below.AddSeqnum < uevent.Seqnum)
                    RemoveSubtree(below, null, nowUsec);
            }
            _departed.Remember(uevent.DevPath.ToArray(), uevent.Seqnum);
            return;
        }
        if (_settlement.IsAnybodyWaiting && device.Node.ParentDevice is { } parent)
            _settlement.LookSoon(parent, nowUsec);
        RemoveSubtree(device, _events.New(uevent, UeventAction.Remove, synthetic: false, nowUsec), nowUsec);
    }

    // Removal mirrors creation: descendants are removed first, the last announced one first, also if the kernel sent no remove for them. Devices that
    // became known later than upTo belong to another instance and stay.
    private void RemoveSubtree(Device device, PendingEvent? remove, long nowUsec, long upTo = long.MaxValue)
    {
        var seqnum = remove?.Seqnum ?? 0;
        device.IsLeaving = true;
        if (device.Node.FirstChild is not null)
        {
            var leaving = DeviceTree.RemovalOrder(device, upTo);
            foreach (var below in leaving)
                below.IsLeaving = true;
            foreach (var below in leaving)
            {
                _departed.Remember(below.Node.Path, seqnum);
                RemoveOne(below, null, nowUsec);
            }
        }
        _departed.Remember(device.Node.Path, seqnum);
        RemoveOne(device, remove, nowUsec);
    }

    private void RemoveAll(List<Device> leaving, long nowUsec)
    {
        foreach (var one in leaving)
            one.IsLeaving = true;
        foreach (var one in leaving)
            RemoveOne(one, null, nowUsec);
    }

    private void RemoveOne(Device device, PendingEvent? remove, long nowUsec)
    {
        device.IsLeaving = true;
        var announced = device.State == DeviceState.Announced;
        if (announced && _moves.Count > 0)
            _settlement.DeliverMovesOutOf(device, nowUsec);
        if (!announced && device.State != DeviceState.Dropped)
            Counters.Vanished++;
        _settlement.CountEarly(device, nowUsec);
        if (announced)
        {
            if (remove is null)
            {
                Counters.SyntheticRemoves++;
                remove = _events.New(UeventAction.Remove, device, nowUsec);
            }
            remove.KeepBefore(device.OwnProperties ?? device.Properties);
            FileProperties.DropSame(remove);
            remove.Findings = device.Findings;
            remove.Path = device.DeliveredPlace();
            remove.ParentPath = device.DeliveredParent;
            remove.Subsystem = device.Subsystem;
        }
        _settlement.ForgetPromise(device);
        _keys.FreeKeys(device);
        _settlement.DissolveGroup(device, nowUsec);
        if (device.Pending is { } pending)
        {
            _history.Remember(device);
            _settlement.LeaveGroup(pending);
            Counters.ChangesEnded += announced ? pending.Events.Count : 0;
        }
        _settlement.EndPending(device);
        _output.Forget(device);
        _moves.Forget(device);
        ForgetPostponed(device, nowUsec);
        // Filters need the ancestors, so store them before the device leaves the tree.
        _ = Ancestry.Of(device);
        device.InTree = false;
        _tree.Remove(device);
        if (announced)
            _settlement.Deliver(device, remove!);
        else if (remove is not null)
            _events.Return(remove);
        if (!announced)
        {
            _history.Note(device, MomentKind.Annihilated);
            _output.Emit(new EngineCommand(CommandKind.Gone, device));
        }
        _history.Bury(device);
        _settlement.LeaveReconcile(device);
        _settlement.Unblock(device, nowUsec);
        if (announced)
            _settlement.QueueLeaderChangeOf(device, nowUsec);
    }
}
