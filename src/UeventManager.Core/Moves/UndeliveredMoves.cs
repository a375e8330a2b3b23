using UeventManager.Core.Ordering;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Moves;

/// <summary>
/// Devices with a stepped but undelivered move; nearly always none. Until the delivery, subscribers know these devices and their descendants at the
/// old places. The hand-over of this state is the devices' own: <see cref="Device.DeliveredPath"/>.
/// </summary>
internal sealed class UndeliveredMoves
{
    private readonly List<Device> _moves = [];

    /// <summary>The number of such devices.</summary>
    public int Count => _moves.Count;

    /// <summary>The place at which subscribers know a device; nearly always its real place.</summary>
    public byte[] DeliveredPlace(Device device) => _moves.Count == 0 ? device.Node.Path : device.DeliveredPlace();

    /// <summary>Marks moving devices: subscribers know their present places until the moves are delivered.</summary>
    /// <returns>The devices that already have an undelivered move.</returns>
    public List<Device> MarkUndelivered(List<Device> moved)
    {
        var merged = moved.Where(device => device.DeliveredPath is not null).ToList();
        foreach (var undelivered in moved.Except(merged))
        {
            undelivered.DeliveredPath = undelivered.DeliveredPlace();
            _moves.Add(undelivered);
        }
        return merged;
    }

    /// <summary>Restores a device that was handed over with an undelivered move.</summary>
    public void Restore(Device device, byte[] toldPath)
    {
        device.DeliveredPath = toldPath;
        _moves.Add(device);
    }

    /// <summary>Forgets a device that is removed, or whose move is delivered.</summary>
    public void Forget(Device device)
    {
        if (device.DeliveredPath is null)
            return;
        device.DeliveredPath = null;
        _moves.Remove(device);
    }

    /// <summary>
    /// Completes a move for delivery: adds the devices that it carries along. Subscribers then re-key every device below the old place, also those
    /// with an undelivered move away from there.
    /// </summary>
    public void Deliver(Device device, PendingEvent move)
    {
        if (device.DeliveredPath is not { } old)
            return;
        move.OldDevPath = old;
        var carried = KnownBelow(device, old);
        Forget(device);
        var now = device.DeliveredPlace();
        RebaseParents(device, old, now);
        foreach (var other in _moves)
        {
            if (!DevPaths.IsBelow(other.DeliveredPath, old))
                continue;
            other.DeliveredPath = Rebase(other.DeliveredPath!, old, now);
            other.DeliveredParent = Rebase(other.DeliveredParent, old, now);
            RebaseParents(other, old, now);
        }
        if (carried is not null)
            CarriedDevice.SetOf(move, carried, now, old.Length);
    }

    /// <summary>The undelivered move that holds a device: for subscribers its place, or one above it, still belongs to another device.</summary>
    public Hold HoldOn(Device device)
    {
        if (_moves.Count == 0 || (device.State == DeviceState.Announced && device.DeliveredPath is null))
            return default;
        var path = device.Node.Path;
        foreach (var other in _moves)
        {
            if (other != device && (path.AsSpan().SequenceEqual(other.DeliveredPath) || DevPaths.IsBelow(path, other.DeliveredPath)))
                return new Hold(HoldReason.Move, other);
        }
        return default;
    }

    /// <summary>
    /// A device with an undelivered move out of a device that is being removed, or null: subscribers still know it below that device.
    /// </summary>
    public Device? OutOf(Device leaving) => _moves.Find(move => !move.IsLeaving && DevPaths.IsBelow(move.DeliveredPath, leaving.DeliveredPlace()));

    // The devices that subscribers know below a place: including those with an undelivered move away, excluding those with an undelivered move to it.
    private List<CarriedFrom>? KnownBelow(Device device, byte[] place)
    {
        if (device.Node.FirstChild is null && _moves.Count < 2)
            return null;
        List<CarriedFrom>? known = null;
        var candidates = DeviceTree.Descendants(device);
        foreach (var other in _moves.Where(other => other != device))
            candidates = candidates.Append(other).Concat(DeviceTree.Descendants(other));
        foreach (var one in _moves.Count < 2 ? candidates : candidates.Distinct())
        {
            if (one.State == DeviceState.Announced && one.DeliveredPlace() is var path && DevPaths.IsBelow(path, place))
                (known ??= []).Add(new CarriedFrom(one, path, one.DeliveredParent));
        }
        return known;
    }

    private static void RebaseParents(Device top, byte[] old, byte[] now)
    {
        if (top.Node.FirstChild is null)
            return;
        foreach (var below in DeviceTree.Descendants(top))
            below.DeliveredParent = Rebase(below.DeliveredParent, old, now);
    }

    private static byte[]? Rebase(byte[]? path, byte[] old, byte[] now) =>
        path is not null && (path.AsSpan().SequenceEqual(old) || DevPaths.IsBelow(path, old)) ? [.. now, .. path.AsSpan(old.Length)] : path;
}
