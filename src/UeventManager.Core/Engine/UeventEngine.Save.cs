using UeventManager.Core.History;
using UeventManager.Core.Ordering;
using UeventManager.Core.Snapshots;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Engine;

// What the next run of the daemon must know to go on where this one ends. What is decided and not released is not part of
// it: the next run looks again.
public sealed partial class UeventEngine
{
    /// <summary>True unless there are more devices than are handed over: <see cref="MaxHandedOver"/>.</summary>
    public bool CanSave => _tree.Count <= MaxHandedOver;

    /// <summary>Writes all known devices and what is pending for them. Its times are those of the clock that the snapshot names before.</summary>
    public void Save(SnapshotWriter to)
    {
        to.Number(_deviceId);
        to.Number(_order);
        to.Number(_transactions);
        SaveRemoved(to);
        _history.Save(to);
        to.Number(_tree.Count);
        foreach (var device in _tree.All())
            Save(device, to);
    }

    private void SaveRemoved(SnapshotWriter to)
    {
        to.Number(_removed.Count);
        foreach (var (path, left) in _removed)
        {
            to.Bytes(path);
            to.Number(left.Seqnum);
            to.Flag(left.Renamed);
            to.Bytes(left.To);
        }
    }

    private static void Save(Device device, SnapshotWriter to)
    {
        to.Bytes(device.Node.Path);
        to.Text(device.Subsystem);
        to.Flag(device.IsOfBus);
        to.Number(device.Id);
        DeviceHistory.SavePlace(device, to);
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
        to.Text(device.LeaderPath);
        to.Number(device.LiftedBy?.Count ?? 0);
        foreach (var leader in device.LiftedBy ?? [])
            to.Text(leader);
        to.Flag(device.Pending is not null);
        if (device.Pending is { } pending)
            Save(pending, to);
    }

    private static void Save(Pending pending, SnapshotWriter to)
    {
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

    private static void Save(PendingEvent queued, SnapshotWriter to)
    {
        to.Number((long)queued.Action);
        to.Bytes(queued.Properties.Span);
        to.Number(queued.Seqnum);
        to.Flag(queued.Synthetic);
        to.Number(queued.ArrivedUsec);
        to.Number(queued.Order);
        to.Flag(queued.TimedOut);
        to.Flag(queued.IsLeaderChange);
        to.Flag(queued.CoversLeaderChange);
        // An add that is complete is not drained any more when the next run begins.
        to.Flag(queued.Complete && queued.Action != UeventAction.Add);
        Saved.Findings(queued.Findings, to);
    }
}
