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

    /// <summary>Those that a move takes along, as subscribers know them: each behind whatever it is below.</summary>
    /// <param name="known">The devices that may be, and where subscribers believe each to be.</param>
    /// <param name="move">The move; what it carries is set.</param>
    /// <param name="old">Where the device was believed to be that moves.</param>
    internal static void SetOf(List<(Device Device, ReadOnlyMemory<byte> Path)> known, PendingEvent move, byte[] old)
    {
        move.CarriesTooMany = known.Count > Most;
        known.Sort((one, other) => DevPaths.CompareInTree(one.Path.Span, other.Path.Span));
        var carried = move.CarriesTooMany ? null : new List<CarriedDevice>(known.Count);
        foreach (var (device, path) in known)
        {
            var parent = device.ToldParent;
            device.ToldParent = Moved(parent.Span, old, move.Path.Span);
            carried?.Add(new CarriedDevice(device, EventOf(device, KernelText.Decode(path.Span), Moved(path.Span, old, move.Path.Span), parent, move)));
        }
        move.Carried = carried;
    }

    // It is not from the pool: nobody gives it back.
    private static PendingEvent EventOf(Device device, string oldPath, byte[] path, ReadOnlyMemory<byte> oldParent, PendingEvent move)
    {
        var own = new PendingEvent
        {
            Action = UeventAction.Move,
            Synthetic = true,
            ArrivedUsec = move.ArrivedUsec,
            OldDevPath = oldPath,
            Path = path,
            OldParentPath = oldParent,
            ParentPath = device.ToldParent,
            Subsystem = device.Subsystem,
            Findings = device.Findings,
        };
        own.Properties.CopyFrom(device.Properties);
        own.KeepOwn(device.OwnProperties);
        return own;
    }

    // As every subscriber does it (DeviceTable, samples).
    private static byte[] Moved(ReadOnlySpan<byte> path, byte[] old, ReadOnlySpan<byte> now) =>
        path.SequenceEqual(old) || DevPaths.IsBelow(path, old) ? [.. now, .. path[old.Length..]] : path.ToArray();
}
