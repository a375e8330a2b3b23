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

    /// <summary>Writes the promise of a device, or that there is none.</summary>
    public static void SavePromise(FollowUp? promise, SnapshotWriter to)
    {
        to.Flag(promise is not null);
        if (promise is null)
            return;
        to.Text(promise.Rule.Rule.Name);
        to.Number(promise.ArrivedUsec);
        to.Number(promise.DeadlineUsec - promise.ArrivedUsec);
        Saved.Mark(promise.Udev, to);
        to.Flag(promise.IsOfChange);
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
        if (pending.FollowUp is not null)
            Saved.Items(pending.Items, to);
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

    /// <summary>Reads the promise of a device. It goes on under the rule that has this name now; without such a rule nothing is left to look for.</summary>
    /// <exception cref="SnapshotException">The snapshot is broken.</exception>
    public static FollowUp? RestorePromise(Device device, SnapshotReader from, long order)
    {
        if (!from.Flag())
            return null;
        var (name, arrivedUsec, timeoutUsec) = (from.KnownText(), from.Time(), Timeout(from));
        var (mark, isOfChange) = (Restored.Mark(from, order), from.Flag());
        return device.Rules.Rules.FirstOrDefault(rule => rule.Rule.Name == name) is { } rule ? new FollowUp(rule, arrivedUsec, arrivedUsec + timeoutUsec, mark, isOfChange) : null;
    }

    /// <summary>Reads the pending events of a device. If there are none, the caller must end <paramref name="pending"/>.</summary>
    /// <param name="pending">Receives the events.</param>
    /// <param name="promise">The device's promise, or null.</param>
    /// <param name="from">The hand-over.</param>
    /// <param name="order">The other run's last event.</param>
    /// <param name="events">Creates the events.</param>
    /// <exception cref="SnapshotException">The snapshot is broken.</exception>
    public static void RestorePending(Pending pending, FollowUp? promise, SnapshotReader from, long order, EventPool events)
    {
        var device = pending.Device;
        pending.Restore(Restored.Instance(from), Restored.Instance(from));
        var items = from.Flag() ? Restored.Items(from) : null;
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
        if (items is not null && promise is not null && pending.IsEmpty && device.State == DeviceState.Announced)
            pending.BeginFollowUp(promise, items);
    }

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
        Saved.Mark(queued.Udev, to);
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
        queued.Udev = Restored.Mark(from, order);
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
