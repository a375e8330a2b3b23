using UeventManager.Core.Ordering;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Engine;

// kobject_uevent_env() reads the path first, then takes the number, then broadcasts, and none of this is serialised with a rename of an ancestor. So
// an event may carry the path from before a move that was already stepped, or the path from after a move that was not.
public sealed partial class UeventEngine
{
    // No known device has the event's path, but a rename emptied that path. If the event is older than the rename, it belongs to the new place;
    // otherwise a look must tell.
    private Device? FollowRename(ref Uevent uevent, ref bool isContested, long nowUsec)
    {
        if (_departed.IsEmpty || uevent.Seqnum == 0)
            return null;
        if (uevent.Action == UeventAction.Move && _tree.NodeAt(uevent.DevPathOld) is null
            && _departed.PlaceNow(uevent.DevPathOld, uevent.Seqnum, out var isOldOlder) is { } old && isOldOlder && _tree.Find(old) is not null)
            uevent = uevent with { DevPathOld = old };
        if (_departed.PlaceNow(uevent.DevPath, uevent.Seqnum, out var isOlder) is not { } now)
            return null;
        var device = _tree.Find(now);
        if (isOlder)
        {
            uevent = uevent with { DevPath = now };
            return device;
        }
        if (uevent.Action == UeventAction.Remove && device is not null && device.AddSeqnum < uevent.Seqnum)
            _settlement.Identify(device, null, nowUsec, reconcile: true);
        isContested = true;
        return null;
    }

    // A known device below the new place was announced there before the move: it stays, unless the moving device brings a device of the same name.
    private void ClearNewPlace(DeviceNode moving, ReadOnlySpan<byte> path, long nowUsec)
    {
        if (_tree.Find(path) is not null)
        {
            ClearPlace(path, nowUsec);
            return;
        }
        foreach (var device in _tree.At(path).ToList())
        {
            if (!device.InTree)
                continue;
            byte[] before = [.. moving.Path, .. device.Node.Path.AsSpan(path.Length)];
            if (device.AddSeqnum == 0 || _tree.Find(before) is not null)
                RemoveSubtree(device, null, nowUsec);
            else
                _settlement.Identify(device, null, nowUsec, reconcile: true);
        }
    }

    // An event emptied the device's present path after the device was added: perhaps the device's own remove, which overtook the move.
    private void VerifyPlace(Device device, long nowUsec)
    {
        if (!device.InTree || _departed.Find(device.Node.Path) is not { Seqnum: > 0 } left || left.Seqnum <= device.AddSeqnum)
            return;
        if (left.To is { Length: > 0 } to && _tree.Find(to) is { } early && early.FirstSeqnum == left.Seqnum)
            MoveAfterAll(device, early, to, left.Seqnum, nowUsec);
        else
            _settlement.Identify(device, null, nowUsec, reconcile: true);
    }

    // The device's own move overtook the move of its ancestor, and was taken for the add of an unknown device.
    private void MoveAfterAll(Device device, Device early, byte[] to, long seqnum, long nowUsec)
    {
        var newest = NewestProperties(early);
        var (properties, outline) = (newest.Span.ToArray(), newest.Outline);
        Move(device, early, new Uevent
        {
            Action = UeventAction.Move,
            DevPath = to,
            DevPathOld = device.Node.Path,
            Seqnum = seqnum,
            Properties = properties,
            Outline = outline,
        }, nowUsec);
    }
}
