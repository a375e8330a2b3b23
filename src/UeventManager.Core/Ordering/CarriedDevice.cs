using UeventManager.Core.Uevents;

namespace UeventManager.Core.Ordering;

/// <summary>
/// A device that has another devpath because one above it was moved. The kernel says nothing of it, and who is told of the move above knows it; who is
/// not, because of a filter, is told of this one.
/// </summary>
/// <param name="Device">The device.</param>
/// <param name="Event">Its move, as it would be told.</param>
public sealed record CarriedDevice(Device Device, PendingEvent Event)
{
    /// <summary>Most that one move lists.</summary>
    public const int Most = 2_048;

    /// <summary>Gives a move those that it takes along, each behind whatever it is below.</summary>
    /// <param name="move">The move.</param>
    /// <param name="from">The devices, and where they were.</param>
    /// <param name="now">Where the device is that moves.</param>
    /// <param name="old">The length of the path that it had.</param>
    internal static void SetOf(PendingEvent move, List<CarriedFrom> from, byte[] now, int old)
    {
        move.CarriesTooMany = from.Count > Most;
        if (move.CarriesTooMany)
            return;
        from.Sort((one, other) => DevPaths.CompareInTree(one.Path, other.Path));
        move.Carried = from.ConvertAll(one => new CarriedDevice(one.Device, EventOf(one, [.. now, .. one.Path.AsSpan(old)], move.ArrivedUsec)));
    }

    // It is not from the pool: nobody gives it back.
    private static PendingEvent EventOf(CarriedFrom from, byte[] path, long arrivedUsec)
    {
        var device = from.Device;
        var own = new PendingEvent
        {
            Action = UeventAction.Move,
            Synthetic = true,
            ArrivedUsec = arrivedUsec,
            OldDevPath = KernelText.Decode(from.Path),
            Path = path,
            OldParentPath = from.Parent,
            ParentPath = device.ToldParent,
            Subsystem = device.Subsystem,
            Findings = device.Findings,
        };
        own.Properties.CopyFrom(device.Properties);
        own.KeepOwn(device.OwnProperties);
        return own;
    }
}

/// <summary>Where subscribers believe a device to be, and its parent, before a move takes it along.</summary>
/// <param name="Device">The device.</param>
/// <param name="Path">Its devpath for them.</param>
/// <param name="Parent">That of the parent; null for none.</param>
internal readonly record struct CarriedFrom(Device Device, byte[] Path, byte[]? Parent);
