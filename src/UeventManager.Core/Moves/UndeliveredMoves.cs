using UeventManager.Core.Ordering;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Moves;

/// <summary>
/// Devices whose move was stepped and is not delivered yet; nearly always none. Until it is, subscribers believe them, and what is below them, at
/// the old place. What is handed over is the devices' own: <see cref="Device.ToldPath"/>.
/// </summary>
internal sealed class UndeliveredMoves
{
    private readonly List<Device> _moves = [];

    /// <summary>How many there are.</summary>
    public int Count => _moves.Count;

    /// <summary>Where subscribers believe a device to be. Nearly always where it is.</summary>
    public byte[] PlaceTold(Device device) => _moves.Count == 0 ? device.Node.Path : device.PlaceTold();

    /// <summary>Devices move: subscribers believe them where they are until that is delivered.</summary>
    /// <returns>Those whose last move is not delivered yet.</returns>
    public List<Device> MarkUndelivered(List<Device> moved)
    {
        var merged = moved.Where(device => device.ToldPath is not null).ToList();
        foreach (var undelivered in moved.Except(merged))
        {
            undelivered.ToldPath = undelivered.PlaceTold();
            _moves.Add(undelivered);
        }
        return merged;
    }

    /// <summary>A device was handed over whose move is not delivered.</summary>
    public void Restore(Device device, byte[] toldPath)
    {
        device.ToldPath = toldPath;
        _moves.Add(device);
    }

    /// <summary>A device goes, or its move is delivered.</summary>
    public void Forget(Device device)
    {
        if (device.ToldPath is null)
            return;
        device.ToldPath = null;
        _moves.Remove(device);
    }

    /// <summary>
    /// A device's move is delivered: what it takes along is written into it. Subscribers re-key what they believe to be below it, also what has moved on
    /// from there and is not told yet.
    /// </summary>
    public void Deliver(Device device, PendingEvent move)
    {
        if (device.ToldPath is not { } old)
            return;
        move.OldDevPath = KernelText.Decode(old);
        var carried = KnownBelow(device, old);
        Forget(device);
        var now = device.PlaceTold();
        RebaseParents(device, old, now);
        foreach (var other in _moves)
        {
            if (!DevPaths.IsBelow(other.ToldPath, old))
                continue;
            other.ToldPath = Rebase(other.ToldPath!, old, now);
            other.ToldParent = Rebase(other.ToldParent, old, now);
            RebaseParents(other, old, now);
        }
        if (carried is not null)
            CarriedDevice.SetOf(move, carried, now, old.Length);
    }

    /// <summary>For subscribers the place of a new device, or of one that has moved there, may still be another's, or below it.</summary>
    public Hold HoldOn(Device device)
    {
        if (_moves.Count == 0 || (device.State == DeviceState.Announced && device.ToldPath is null))
            return default;
        var path = device.Node.Path;
        foreach (var other in _moves)
        {
            if (other != device && (path.AsSpan().SequenceEqual(other.ToldPath) || DevPaths.IsBelow(path, other.ToldPath)))
                return new Hold(HoldReason.Move, other);
        }
        return default;
    }

    /// <summary>A device that has moved away from below one that goes, for all that subscribers know it is still there; null if there is none.</summary>
    public Device? OutOf(Device leaving) => _moves.Find(move => !move.IsLeaving && DevPaths.IsBelow(move.ToldPath, leaving.PlaceTold()));

    // What subscribers believe to be below a place: also what has left it and is not told yet, not what has come there so.
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
            if (one.State == DeviceState.Announced && one.PlaceTold() is var path && DevPaths.IsBelow(path, place))
                (known ??= []).Add(new CarriedFrom(one, path, one.ToldParent));
        }
        return known;
    }

    private static void RebaseParents(Device top, byte[] old, byte[] now)
    {
        if (top.Node.FirstChild is null)
            return;
        foreach (var below in DeviceTree.Descendants(top))
            below.ToldParent = Rebase(below.ToldParent, old, now);
    }

    private static byte[]? Rebase(byte[]? path, byte[] old, byte[] now) =>
        path is not null && (path.AsSpan().SequenceEqual(old) || DevPaths.IsBelow(path, old)) ? [.. now, .. path.AsSpan(old.Length)] : path;
}
