using UeventManager.Core.Moves;
using UeventManager.Core.Ordering;
using UeventManager.Core.Reconcile;

namespace UeventManager.Core.Groups;

/// <summary>
/// The devices around a device that hold its events (G4). Every such hold ends: it waits for an add, which has a deadline, or for a move that in turn
/// waits for an earlier add.
/// </summary>
/// <param name="moves">The undelivered moves.</param>
/// <param name="reconciliation">The devices that are being replaced.</param>
internal sealed class Blockers(UndeliveredMoves moves, Reconciliation reconciliation)
{
    /// <summary>The hold on a device's events, apart from groups and conflicts.</summary>
    public Hold On(Device device) => Ancestor(device) is { IsSet: true } above ? above : moves.HoldOn(device);

    /// <summary>Only a waiting add holds its descendants; above a held or dropped ancestor, the next waiting ancestor counts.</summary>
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

    // Devices that became known below a device about to be replaced belong to the new instance. Devices below a device with an undelivered move have
    // no place yet that subscribers know.
    private Hold UnsettledPlace(Device device)
    {
        for (var above = device.Node.ParentDevice; above is not null; above = above.Node.ParentDevice)
        {
            if (above.DeliveredPath is not null)
                return new Hold(HoldReason.Move, above);
            if (reconciliation.ReplaceOrder(above) is not 0 and var order && device.PlacedOrder > order)
                return new Hold(HoldReason.Replacement, above);
        }
        return default;
    }
}
