using UeventManager.Core.Ordering;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Engine;

// kobject_uevent_env() takes the path first, then the number, then broadcasts, and nothing of that is serialised with a rename of a device
// above. So an event may come with the path before a move that was stepped, or with the one after a move that was not.
public sealed partial class UeventEngine
{
    // An event of a path that nobody has now. If it is older than the rename it is told of the new place; if not, sysfs has to say.
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

    // A device that is known below the new place was announced there before the move: it stays, unless the device that moves brings one of that name.
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

    // Something has emptied the place that it has now after it was added: perhaps its own remove, that came before the move.
    private void VerifyPlace(Device device, long nowUsec)
    {
        if (!device.InTree || _departed.Find(device.Node.Path) is not { Seqnum: > 0 } left || left.Seqnum <= device.AddSeqnum)
            return;
        if (left.To is { Length: > 0 } to && _tree.Find(to) is { } early && early.FirstSeqnum == left.Seqnum)
            MoveAfterAll(device, early, to, left.Seqnum, nowUsec);
        else
            _settlement.Identify(device, null, nowUsec, reconcile: true);
    }

    // Its own move came before that of a device above, and was taken for the add of an unknown device.
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
