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
}
