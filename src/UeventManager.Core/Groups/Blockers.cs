using UeventManager.Core.Moves;
using UeventManager.Core.Ordering;
using UeventManager.Core.Reconcile;

namespace UeventManager.Core.Groups;

/// <summary>
/// What around a device keeps its events: G4. Every such wait ends: it is for a waiting add, which has a deadline, or for a move that waits itself for an
/// add that was there before it.
/// </summary>
/// <param name="moves">The moves that are not delivered.</param>
/// <param name="reconciliation">The devices that are being replaced.</param>
internal sealed class Blockers(UndeliveredMoves moves, Reconciliation reconciliation)
{
    /// <summary>What keeps the events of a device, groups and conflicts aside.</summary>
    public Hold On(Device device) => Ancestor(device) is { IsSet: true } above ? above : moves.HoldOn(device);

    /// <summary>Only a waiting add holds what is below it; one that is held or dropped lets the next waiting ancestor count.</summary>
    public Hold Ancestor(Device device)
    {
        if ((reconciliation.IsReplacing || moves.Count > 0) && UnsettledPlace(device) is { IsSet: true } unsettled)
            return unsettled;
        for (var above = device.Node.ParentDevice; above is not null; above = above.Node.ParentDevice)
        {
            if (above.State == DeviceState.Waiting)
                return new Hold(HoldReason.Ancestor, above);
            if (above.State == DeviceState.Announced)
                return default;
        }
        return default;
    }

    // What became known below a device that another instance is about to replace belongs to that one; and what is below a
    // device whose move was not told cannot be told to be where it is.
    private Hold UnsettledPlace(Device device)
    {
        for (var above = device.Node.ParentDevice; above is not null; above = above.Node.ParentDevice)
        {
            if (above.ToldPath is not null)
                return new Hold(HoldReason.Move, above);
            if (reconciliation.ReplaceOrder(above) is not 0 and var order && device.PlacedOrder > order)
                return new Hold(HoldReason.Replacement, above);
        }
        return default;
    }
}
