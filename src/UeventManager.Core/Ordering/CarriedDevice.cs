using UeventManager.Core.Uevents;

namespace UeventManager.Core.Ordering;

/// <summary>
/// A device whose devpath changed because an ancestor moved. The kernel sends no event for it: a subscriber that gets the ancestor's move can compute
/// the new path, and a subscriber whose filter excludes the ancestor gets this move instead.
/// </summary>
/// <param name="Device">The device.</param>
/// <param name="Event">The device's own move, ready for delivery.</param>
public sealed record CarriedDevice(Device Device, PendingEvent Event)
{
    /// <summary>The most devices that one move lists.</summary>
    public const int Most = 2_048;

    /// <summary>Adds the carried devices to a move, ancestors first.</summary>
    /// <param name="move">The move.</param>
    /// <param name="from">The devices with their old places.</param>
    /// <param name="now">The new path of the moving device.</param>
    /// <param name="old">The length of its old path.</param>
    internal static void SetOf(PendingEvent move, List<CarriedFrom> from, byte[] now, int old)
    {
        move.CarriesTooMany = from.Count > Most;
        if (move.CarriesTooMany)
            return;
        from.Sort((one, other) => DevPaths.CompareInTree(one.Path, other.Path));
        move.Carried = from.ConvertAll(one => new CarriedDevice(one.Device, EventOf(one, [.. now, .. one.Path.AsSpan(old)], move.ArrivedUsec)));
    }

    // The event is not pooled, so it is never returned.
    private static PendingEvent EventOf(CarriedFrom from, byte[] path, long arrivedUsec)
    {
        var device = from.Device;
        var own = new PendingEvent
        {
            Action = UeventAction.Move,
            Synthetic = true,
            ArrivedUsec = arrivedUsec,
            OldDevPath = from.Path,
            Path = path,
            OldParentPath = from.Parent,
            ParentPath = device.DeliveredParent,
            Subsystem = device.Subsystem,
            Findings = device.Findings,
        };
        own.Properties.CopyFrom(device.Properties);
        own.KeepOwn(device.OwnProperties);
        return own;
    }
}

/// <summary>The place of a device, and of its parent, for subscribers before a move carries it along.</summary>
/// <param name="Device">The device.</param>
/// <param name="Path">The device's devpath for subscribers.</param>
/// <param name="Parent">The parent's devpath; null if there is no parent.</param>
internal readonly record struct CarriedFrom(Device Device, byte[] Path, byte[]? Parent);
