using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;

namespace UeventManager.Core.Engine;

// Two devices cannot have the same name on a bus, device number, ifindex or node. While an announced device has such a key, a new device with the
// same key waits for the remove or the rename that frees the key, at most until its rule's timeout.
internal sealed partial class Settlement
{
    private Hold KeyOwnerOf(Device device, PendingEvent add, long nowUsec) =>
        device.State != DeviceState.Announced && nowUsec < ConflictEndsUsec(device, add) && _keys.OwnerAgainst(device, add.Properties) is { } owner
            ? new Hold(HoldReason.KeyOwner, owner)
            : default;

    private static long ConflictEndsUsec(Device device, PendingEvent add) =>
        add.ArrivedUsec + (device.Pending?.Rule?.Rule.TimeoutUsec ?? Rule.DefaultTimeoutUsec);

    private void BeginConflict(Device device, Pending pending, Device owner, PendingEvent add, long nowUsec)
    {
        SetDeadline(pending, ConflictEndsUsec(device, add));
        if (!pending.Meets(owner))
            return;
        Counters.Conflicts++;
        _output.Report(Incident.Conflict, device, [owner.DevPath]);
        // device_del() sends the remove before it deletes the directory: if the owner's directory is gone and no remove is queued, the remove was
        // lost.
        Identify(owner, null, nowUsec, reconcile: true);
    }

    // If the deadline belongs to a conflict, releases the device although another device still has its key, and returns true.
    private bool EndConflict(Device device, Pending pending, long nowUsec)
    {
        if (!pending.IsInConflict)
            return false;
        SetHold(pending, default);
        if (pending.Events is not [{ Complete: true }, ..])
            return false;
        TryRelease(device, nowUsec);
        return true;
    }
}
