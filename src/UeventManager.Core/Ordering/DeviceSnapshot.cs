using UeventManager.Core.Rules;
using UeventManager.Core.Snapshots;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Ordering;

/// <summary>
/// What a device itself hands over, and what is pending for it. What is decided and not released is not part of it: the next run looks again.
/// </summary>
internal static class DeviceSnapshot
{
    /// <summary>Writes a device, what is pending for it aside.</summary>
    public static void Save(Device device, SnapshotWriter to)
    {
        to.Number((long)device.State);
        Saved.Instance(device.Instance, to);
        to.Number(device.FirstSeqnum);
        to.Number(device.AddSeqnum);
        to.Number(device.CreatedOrder);
        to.Number(device.AnnouncedOrder);
        to.Bytes(device.Properties.Span);
        to.Flag(device.OwnProperties is not null);
        if (device.OwnProperties is { } own)
            to.Bytes(own.Span);
        Saved.Findings(device.Findings, to);
        to.Flag(device.ToldPath is not null);
        if (device.ToldPath is { } told)
            to.Bytes(told);
        to.Bytes(device.ToldParent);
        Saved.Texts(device.DroppedChange, to);
    }

    /// <summary>Writes what is pending for a device.</summary>
    public static void SavePending(Device device, SnapshotWriter to)
    {
        to.Flag(device.Pending is not null);
        if (device.Pending is not { } pending)
            return;
        Saved.Instance(pending.FirstSeen, to);
        Saved.Instance(pending.LastSeen, to);
        to.Flag(pending.FollowUp is not null);
        if (pending.FollowUp is { } followUp)
        {
            to.Number(followUp.ArrivedUsec);
            to.Number(followUp.DeadlineUsec - followUp.ArrivedUsec);
            Saved.Items(pending.Items, to);
        }
        to.Number(pending.Events.Count);
        foreach (var queued in pending.Events)
            Save(queued, to);
    }

    /// <summary>Reads a device, what is pending for it aside.</summary>
    /// <returns>Where subscribers believe it to be; null if its last move is delivered.</returns>
    /// <exception cref="SnapshotException">It is broken.</exception>
    public static byte[]? Restore(Device device, SnapshotReader from, long order)
    {
        device.State = (DeviceState)from.Number(0, (int)DeviceState.Announced);
        device.Instance = Restored.Instance(from);
        (device.FirstSeqnum, device.AddSeqnum) = (from.Count(), from.Count());
        (device.CreatedOrder, device.AnnouncedOrder) = (Restored.Order(from, order), Restored.Order(from, order));
        (device.PlacedOrder, device.LastOrder, device.LastAddOrder) = (device.CreatedOrder, device.CreatedOrder, device.CreatedOrder);
        Restored.Properties(from, device.Properties);
        if (from.Flag())
            Restored.Properties(from, device.OwnProperties = new PropertyBuffer());
        device.Findings = Restored.Findings(from);
        var told = from.Flag() ? Restored.Path(from).ToArray() : null;
        var parent = Restored.PathOrNone(from);
        device.ToldParent = parent.IsEmpty ? null : parent.ToArray();
        device.DroppedChange = Restored.Texts(from);
        return told;
    }

    /// <summary>Reads what is pending for a device. It may be nothing: then it is to be ended.</summary>
    /// <param name="pending">Takes it.</param>
    /// <param name="from">The hand-over.</param>
    /// <param name="order">The last event of the other run.</param>
    /// <param name="events">Makes the events.</param>
    /// <exception cref="SnapshotException">It is broken.</exception>
    public static void RestorePending(Pending pending, SnapshotReader from, long order, EventPool events)
    {
        var device = pending.Device;
        pending.Restore(Restored.Instance(from), Restored.Instance(from));
        (long ArrivedUsec, long TimeoutUsec, Settle.ItemState[] Items)? followUp = from.Flag() ? (from.Time(), Timeout(from), Restored.Items(from)) : null;
        for (var i = from.Number(0, 4 * PendingChanges.MaxQueued); i > 0; i--)
        {
            var queued = Event(device, from, order, events);
            if (queued.Action == UeventAction.Add)
                pending.BeginAdd(queued);
            else
                pending.Changes.Add(queued);
        }
        Restored.Check(device, pending.Events);
        // The rule is the one of that name now; one that is gone has nothing left to look for.
        if (followUp is { } was && pending.IsEmpty && device.Findings.Missing is not null && RuleOf(device) is { } rule)
            pending.BeginFollowUp(new FollowUp(rule, was.ArrivedUsec, was.ArrivedUsec + was.TimeoutUsec), was.Items);
    }

    private static BoundRule? RuleOf(Device device) => device.Rules.Rules.FirstOrDefault(rule => rule.Rule.Name == device.Findings.Rule);

    private static long Timeout(SnapshotReader from) =>
        from.Count() is var usec && usec <= Restored.MaxTimeoutUsec ? usec : throw new SnapshotException("a deadline lies too far ahead");

    private static void Save(PendingEvent queued, SnapshotWriter to)
    {
        to.Number((long)queued.Action);
        to.Bytes(queued.Properties.Span);
        to.Number(queued.Seqnum);
        to.Flag(queued.Synthetic);
        to.Number(queued.ArrivedUsec);
        to.Number(queued.Order);
        to.Number(queued.Udev.Seqnum);
        to.Number(queued.Udev.Order);
        Saved.Since(queued.Udev.SinceUsec, to);
        Saved.Since(queued.Udev.SurelySinceUsec, to);
        Saved.Since(queued.Udev.BornUsec, to);
        to.Flag(queued.Udev.IsFirst);
        to.Flag(queued.TimedOut);
        to.Flag(queued.IsPicture);
        to.Flag(queued.IsUnseen);
        to.Flag(queued.IsLeaderChange);
        to.Flag(queued.CoversLeaderChange);
        // An add that is complete is not drained any more when the next run begins.
        to.Flag(queued.Complete && queued.Action != UeventAction.Add);
        Saved.Findings(queued.Findings, to);
    }

    private static PendingEvent Event(Device device, SnapshotReader from, long order, EventPool events)
    {
        var queued = events.New((UeventAction)from.Number(0, (int)UeventAction.Unbind), default, 0, false, 0);
        Restored.Properties(from, queued.Properties);
        queued.Seqnum = from.Count();
        queued.Synthetic = from.Flag();
        queued.ArrivedUsec = from.Time();
        queued.Order = Restored.Order(from, order);
        queued.Udev = new UdevMark(from.Count(), Restored.Order(from, order), Restored.Since(from), Restored.Since(from)) { BornUsec = Restored.Since(from), IsFirst = from.Flag() };
        queued.TimedOut = from.Flag();
        (queued.IsPicture, queued.IsUnseen) = (from.Flag(), from.Flag());
        (queued.IsLeaderChange, queued.CoversLeaderChange) = (from.Flag(), from.Flag());
        queued.Complete = from.Flag();
        queued.Findings = Restored.Findings(from);
        queued.Wakeup = 0;
        (queued.Path, queued.Subsystem) = (device.Node.Path, device.Subsystem);
        return queued;
    }
}
