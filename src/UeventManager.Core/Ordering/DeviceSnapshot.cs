using UeventManager.Core.Rules;
using UeventManager.Core.Snapshots;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Ordering;

/// <summary>
/// The part of the hand-over that belongs to one device: its state and its pending events. Decisions that are not released are left out, because the
/// next run looks again.
/// </summary>
internal static class DeviceSnapshot
{
    /// <summary>Writes a device without its pending events.</summary>
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
        to.Flag(device.DeliveredPath is not null);
        if (device.DeliveredPath is { } told)
            to.Bytes(told);
        to.Bytes(device.DeliveredParent);
        Saved.Texts(device.DroppedChange, to);
    }

    /// <summary>Writes the pending events of a device.</summary>
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
        Saved.Texts(pending.Add?.Earlier, to);
        to.Number(pending.Events.Count);
        foreach (var queued in pending.Events)
            Save(queued, to);
    }

    /// <summary>Reads a device without its pending events.</summary>
    /// <returns>The place that subscribers know; null if the device has no undelivered move.</returns>
    /// <exception cref="SnapshotException">The snapshot is broken.</exception>
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
        device.DeliveredParent = parent.IsEmpty ? null : parent.ToArray();
        device.DroppedChange = Restored.Texts(from);
        return told;
    }

    /// <summary>Reads the pending events of a device. If there are none, the caller must end <paramref name="pending"/>.</summary>
    /// <param name="pending">Receives the events.</param>
    /// <param name="from">The hand-over.</param>
    /// <param name="order">The other run's last event.</param>
    /// <param name="events">Creates the events.</param>
    /// <exception cref="SnapshotException">The snapshot is broken.</exception>
    public static void RestorePending(Pending pending, SnapshotReader from, long order, EventPool events)
    {
        var device = pending.Device;
        pending.Restore(Restored.Instance(from), Restored.Instance(from));
        (long ArrivedUsec, long TimeoutUsec, Settle.ItemState[] Items)? followUp = from.Flag() ? (from.Time(), Timeout(from), Restored.Items(from)) : null;
        var earlier = Restored.Texts(from);
        for (var i = from.Number(0, 4 * PendingChanges.MaxQueued); i > 0; i--)
        {
            var queued = Event(device, from, order, events);
            if (queued.Action == UeventAction.Add)
                pending.BeginAdd(queued);
            else
                pending.Changes.Add(queued);
        }
        Restored.Check(device, pending.Events);
        if (pending.Add is { } add)
            add.Earlier = earlier;
        // The follow-up goes on under the rule that has this name now; if there is none, nothing is left to look for.
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
        to.Flag(queued.IsRefresh);
        to.Flag(queued.IsUnseen);
        to.Flag(queued.IsLeaderChange);
        to.Flag(queued.CoversLeaderChange);
        // The next run cannot drain for this add, so a complete add is decided anew.
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
        (queued.IsPicture, queued.IsRefresh, queued.IsUnseen) = (from.Flag(), from.Flag(), from.Flag());
        (queued.IsLeaderChange, queued.CoversLeaderChange) = (from.Flag(), from.Flag());
        queued.Complete = from.Flag();
        queued.Findings = Restored.Findings(from);
        queued.Wakeup = 0;
        (queued.Path, queued.Subsystem) = (device.Node.Path, device.Subsystem);
        return queued;
    }
}
