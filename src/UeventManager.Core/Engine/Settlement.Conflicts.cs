using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;

namespace UeventManager.Core.Engine;

// Two devices cannot have one name on a bus, one device number, one ifindex or one node. While subscribers believe that a
// device has it, another device with the same key waits for the remove or the rename that frees it: at most its rule's timeout.
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
        // The kernel says that it is removed before it takes the directory away (device_del()): one that is gone although
        // nothing queued says so lost its remove.
        Identify(owner, null, nowUsec, reconcile: true);
    }

    // True if the deadline was that of a conflict: then it goes out although another still has its name.
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
