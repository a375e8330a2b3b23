using UeventManager.Core.Ordering;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Engine;

public sealed partial class UeventEngine
{
    private void StepRemove(Device? device, in Uevent uevent, long nowUsec)
    {
        if (device is null)
        {
            // Never known, or gone already with a parent whose remove came first.
            Counters.UnknownRemoves++;
            RememberRemoved(uevent.DevPath.ToArray(), uevent.Seqnum);
            return;
        }
        if (_waiting > 0 && device.Node.ParentDevice is { } parent)
            LookSoon(parent, nowUsec);
        RemoveSubtree(device, NewEvent(uevent, UeventAction.Remove, synthetic: false, nowUsec), nowUsec);
    }

    // Removal mirrors creation: what is below goes first, the youngest first, also where the kernel sent nothing for it.
    // What became known later than upTo is another instance's and stays.
    private void RemoveSubtree(Device device, PendingEvent? remove, long nowUsec, long upTo = long.MaxValue)
    {
        if (device.Node.FirstChild is not null)
        {
            var below = DeviceTree.Descendants(device).ToList();
            for (var i = below.Count - 1; i >= 0; i--)
            {
                if (below[i].CreatedOrder > upTo)
                    continue;
                RememberRemoved(below[i].Node.Path, remove?.Seqnum ?? 0);
                RemoveOne(below[i], null, nowUsec);
            }
        }
        RememberRemoved(device.Node.Path, remove?.Seqnum ?? 0);
        RemoveOne(device, remove, nowUsec);
    }

    private void RemoveOne(Device device, PendingEvent? remove, long nowUsec)
    {
        var announced = device.State == DeviceState.Announced;
        if (!announced && device.State != DeviceState.Dropped)
            Counters.Vanished++;
        if (announced)
        {
            if (remove is null)
            {
                Counters.SyntheticRemoves++;
                remove = NewEvent(UeventAction.Remove, device.Properties.Span, 0, synthetic: true, nowUsec);
            }
            remove.Findings = device.Findings;
            remove.Path = device.Node.Path;
            remove.ParentPath = device.Node.ParentDevice?.Node.Path;
            remove.Subsystem = device.Subsystem;
        }
        EndWait(device);
        device.InTree = false;
        _tree.Remove(device);
        if (announced)
            Deliver(device, remove!);
        else if (remove is not null)
            Recycle(remove);
        LeaveReconcile(device);
        Unblock(device, nowUsec);
    }

    // A move re-keys the device and all that is below it in this step. What was decided from the old place is void.
    private void StepMove(Device? occupant, in Uevent uevent, long nowUsec)
    {
        var device = uevent.DevPathOld.IsEmpty ? null : _tree.Find(uevent.DevPathOld);
        if (device is null)
        {
            if (occupant is not null)
                StepOther(occupant, uevent, nowUsec);
            else
                BeginUnknown(uevent, nowUsec);
            return;
        }
        var oldPath = device.DevPath;
        if (occupant != device)
        {
            ClearPlace(uevent.DevPath, nowUsec);
            _tree.Move(device.Node, uevent.DevPath);
        }
        Touch(device, nowUsec);
        device.LastAddOrder = _order;
        VoidMoved(device, nowUsec);
        if (device.Node.FirstChild is not null)
        {
            foreach (var below in DeviceTree.Descendants(device).ToList())
                VoidMoved(below, nowUsec);
        }
        if (device.State == DeviceState.Announced)
        {
            EndChanges(device);
            var move = NewEvent(uevent, UeventAction.Move, synthetic: false, nowUsec);
            move.OldDevPath = oldPath;
            Append(device, move, nowUsec);
        }
        else if (device.State != DeviceState.Dropped)
        {
            Fold(device, uevent, nowUsec);
        }
    }

    // Whoever is known at the new place, or below it, has left it: the remove or move that says so comes later or was lost.
    private void ClearPlace(ReadOnlySpan<byte> path, long nowUsec)
    {
        foreach (var device in _tree.At(path).ToList())
        {
            if (device.InTree)
                RemoveSubtree(device, null, nowUsec);
        }
    }

    private void VoidMoved(Device device, long nowUsec)
    {
        if (device.Wait is not { } wait)
            return;
        Forget(device);
        if (wait is { InFlight: null, Decided: false })
            return;
        VoidDecision(wait);
        LookAnew(device, wait, nowUsec);
    }
}
