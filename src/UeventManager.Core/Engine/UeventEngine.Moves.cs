using UeventManager.Core.Ordering;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Engine;

public sealed partial class UeventEngine
{
    // A move re-keys every known device at the old place and below in this step; only its delivery waits. Decisions and looks from the old place are
    // void.
    private void StepMove(Device? occupant, in Uevent uevent, long nowUsec)
    {
        _reconciliation.Renamed();
        if (_tree.NodeAt(uevent.DevPathOld) is not { } node)
        {
            _departed.Remember(uevent.DevPathOld.ToArray(), uevent.Seqnum, uevent.DevPath.ToArray());
            StepMoved(occupant, uevent, nowUsec);
            return;
        }
        if (DevPaths.IsBelow(uevent.DevPath, uevent.DevPathOld) || DevPaths.IsBelow(uevent.DevPathOld, uevent.DevPath))
        {
            // kobject_move() cannot do this; but whatever sent it, the old place is empty now.
            ClearPlace(uevent.DevPathOld, nowUsec);
            ClearPlace(uevent.DevPath, nowUsec);
            BeginUnknown(uevent, nowUsec);
            return;
        }
        if (node.Device is { } other && !other.MayBeOf(uevent.Subsystem))
        {
            // Another device stood at the old place, and its add was lost. The known devices below may be its descendants.
            ClearPlace(uevent.DevPathOld, nowUsec);
            ClearPlace(uevent.DevPath, nowUsec);
            BeginUnknown(uevent, nowUsec);
            Doubt(nowUsec);
            return;
        }
        if (node.Device is { } device)
        {
            Move(device, occupant, uevent, nowUsec);
            return;
        }
        if (occupant is null)
            MoveBelow(node, uevent, nowUsec);
        else
            ClearPlace(uevent.DevPathOld, nowUsec);
        StepMoved(occupant, uevent, nowUsec);
    }

    private void Move(Device device, Device? occupant, in Uevent uevent, long nowUsec)
    {
        _departed.Remember(device.Node.Path, uevent.Seqnum, uevent.DevPath.ToArray());
        // Clear the new place first: its occupant may have an undelivered move.
        if (occupant != device)
            ClearNewPlace(device.Node, uevent.DevPath, nowUsec);
        // If the device itself is not announced but devices below it are, the move is a rename of each of these.
        List<Device> moved = device.State == DeviceState.Announced ? [device] : [.. DeviceTree.TopmostAnnounced(device.Node)];
        // For subscribers, a device that was announced below the new place stays there, whenever this move is delivered.
        List<Device> early = occupant == device || _tree.NodeAt(uevent.DevPath) is not { } place ? [] : [.. DeviceTree.TopmostAnnounced(place).Where(below => below.DeliveredPath is null)];
        var merged = _moves.MarkUndelivered(moved);
        _moves.MarkUndelivered(early);
        if (occupant != device)
            _tree.Move(device.Node, uevent.DevPath);
        Touch(device, nowUsec);
        (device.LastAddOrder, device.PlacedOrder) = (_events.Order, _events.Order);
        _settlement.VoidMoved(device, nowUsec);
        RekeyedBelow(device.Node, nowUsec);
        if (!device.Instance.IsKnown)
            _settlement.Identify(device, null, nowUsec);
        VerifyPlace(device, nowUsec);
        if (device.State is DeviceState.Waiting or DeviceState.Held)
            _settlement.Fold(device, uevent, nowUsec);
        foreach (var one in moved)
        {
            var move = one == device ? _events.New(uevent, UeventAction.Move, synthetic: false, nowUsec) : MoveOf(one, nowUsec);
            _settlement.AppendMove(one, move, merged.Contains(one), nowUsec);
        }
        _settlement.TryRelease(device, nowUsec);
        if (early.Count == 0)
            return;
        foreach (var one in moved)
            _settlement.DeliverMoveNow(one, nowUsec);
        foreach (var one in early)
        {
            _moves.Forget(one);
            _settlement.Unblock(one, nowUsec);
            _settlement.TryRelease(one, nowUsec);
        }
    }

    // The device itself is unknown (its add was lost), but devices below it are known and have moved with it.
    private void MoveBelow(DeviceNode node, in Uevent uevent, long nowUsec)
    {
        _departed.Remember(node.Path, uevent.Seqnum, uevent.DevPath.ToArray());
        ClearNewPlace(node, uevent.DevPath, nowUsec);
        List<Device> moved = [.. DeviceTree.TopmostAnnounced(node)];
        var merged = _moves.MarkUndelivered(moved);
        _tree.Move(node, uevent.DevPath);
        _events.NextOrder();
        RekeyedBelow(node, nowUsec);
        foreach (var one in moved)
            _settlement.AppendMove(one, MoveOf(one, nowUsec), merged.Contains(one), nowUsec);
    }

    private PendingEvent MoveOf(Device device, long nowUsec) =>
        _events.New(UeventAction.Move, device, nowUsec);

    // If the device is removed before its move is delivered, devices of the next instance below it need moves of their own: returns these devices.
    private List<Device> StayingBelow(Device device, long upTo)
    {
        if (device.DeliveredPath is null)
            return [];
        var stayed = DeviceTree.TopmostAnnounced(device.Node).Where(d => d.PlacedOrder > upTo).ToList();
        return [.. stayed.Except(_moves.MarkUndelivered(stayed))];
    }

    // Nothing is known at the old place: the state already has the new place (a scan was faster), the move came twice, or the add was lost.
    private void StepMoved(Device? device, in Uevent uevent, long nowUsec)
    {
        if (device is null)
        {
            // The move of an ancestor may still arrive: a look and its drain tell.
            BeginUnknown(uevent, nowUsec, isContested: true);
            return;
        }
        Touch(device, nowUsec);
        if (device.State == DeviceState.Announced)
            _settlement.StepChange(device, _events.New(uevent, UeventAction.Change, synthetic: true, nowUsec), nowUsec);
        else if (device.State != DeviceState.Dropped)
            _settlement.Fold(device, uevent, nowUsec);
    }

    // Waiting descendants may have other ancestors now.
    private void RekeyedBelow(DeviceNode node, long nowUsec)
    {
        if (node.FirstChild is null)
            return;
        foreach (var below in DeviceTree.Descendants(node).ToList())
        {
            if (!below.InTree)
                continue;
            (below.LastAddOrder, below.PlacedOrder) = (_events.Order, _events.Order);
            _settlement.VoidMoved(below, nowUsec);
            _settlement.TryRelease(below, nowUsec);
            if (below is { State: DeviceState.Announced, Instance.IsKnown: false })
                _settlement.Identify(below, null, nowUsec);
            VerifyPlace(below, nowUsec);
        }
    }

    // A known device at the new place, or below, has left it: its remove or move comes later or was lost.
    private void ClearPlace(ReadOnlySpan<byte> path, long nowUsec)
    {
        foreach (var device in _tree.At(path).ToList())
        {
            if (device.InTree)
                RemoveSubtree(device, null, nowUsec);
        }
    }
}
