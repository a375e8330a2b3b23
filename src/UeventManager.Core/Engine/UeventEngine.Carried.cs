using UeventManager.Core.Ordering;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Engine;

public sealed partial class UeventEngine
{
    // What subscribers believe to be below a place: also what has left it and is not told yet, not what has come there so.
    private List<CarriedFrom>? KnownBelow(Device device, byte[] place)
    {
        if (device.Node.FirstChild is null && _untold.Count < 2)
            return null;
        List<CarriedFrom>? known = null;
        var candidates = DeviceTree.Descendants(device);
        foreach (var untold in _untold.Where(untold => untold != device))
            candidates = candidates.Append(untold).Concat(DeviceTree.Descendants(untold));
        foreach (var one in _untold.Count < 2 ? candidates : candidates.Distinct())
        {
            if (one.State == DeviceState.Announced && one.PlaceTold() is var path && DevPaths.IsBelow(path, place))
                (known ??= []).Add(new CarriedFrom(one, path, one.ToldParent));
        }
        return known;
    }

    // A device goes while subscribers believe another below it, whose move away was not told: it is told before the remove, whatever it
    // waits for.
    private void TellMovesOutOf(Device leaving, long nowUsec)
    {
        while (_untold.Find(untold => !untold.IsLeaving && DevPaths.IsBelow(untold.ToldPath, leaving.PlaceTold())) is { } untold)
        {
            DeliverMoveNow(untold, nowUsec);
            if (untold.ToldPath is not null)
                return;
        }
    }

    // Two that stand in each other's way would wait for ever: the move is told before what it waits for.
    private void DeliverMoveNow(Device device, long nowUsec)
    {
        while (device.ToldPath is not null && device.Pending is { NextComplete: { } next } pending)
        {
            pending.Take(next);
            Release(device, next, nowUsec);
        }
        if (device.Pending is { } left)
            SetHold(left, default);
        Unblock(device, nowUsec);
        TryRelease(device, nowUsec);
    }
}
