using UeventManager.Core.Ordering;
using UeventManager.Core.Settle;
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
        SaveHistory(to);
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
        to.Number(device.LastMoment);
        to.Number((long)device.State);
        Save(device.Instance, to);
        to.Number(device.FirstSeqnum);
        to.Number(device.AddSeqnum);
        to.Number(device.CreatedOrder);
        to.Number(device.AnnouncedOrder);
        to.Bytes(device.Properties.Span);
        to.Flag(device.OwnProperties is not null);
        if (device.OwnProperties is { } own)
            to.Bytes(own.Span);
        Save(device.Findings, to);
        to.Flag(device.ToldPath is not null);
        if (device.ToldPath is { } told)
            to.Bytes(told);
        to.Bytes(device.ToldParent);
        to.Text(device.LeaderPath);
        to.Number(device.LiftedBy?.Count ?? 0);
        foreach (var leader in device.LiftedBy ?? [])
            to.Text(leader);
        to.Flag(device.Wait is not null);
        if (device.Wait is { } wait)
            Save(wait, to);
    }

    private static void Save(Wait wait, SnapshotWriter to)
    {
        Save(wait.FirstSeen, to);
        Save(wait.LastSeen, to);
        to.Flag(wait.FollowUp is not null);
        if (wait.FollowUp is { } followUp)
        {
            to.Number(followUp.ArrivedUsec);
            to.Number(followUp.DeadlineUsec - followUp.ArrivedUsec);
            Save(wait.Items, to);
        }
        to.Number(wait.Queue.Count);
        foreach (var pending in wait.Queue)
            Save(pending, to);
    }

    private static void Save(PendingEvent pending, SnapshotWriter to)
    {
        to.Number((long)pending.Action);
        to.Bytes(pending.Properties.Span);
        to.Number(pending.Seqnum);
        to.Flag(pending.Synthetic);
        to.Number(pending.ArrivedUsec);
        to.Number(pending.Order);
        to.Flag(pending.TimedOut);
        to.Flag(pending.IsOwed);
        to.Flag(pending.PaysOwed);
        // An add that is complete is not drained any more when the next run begins.
        to.Flag(pending.Complete && pending.Action != UeventAction.Add);
        Save(pending.Findings, to);
    }

    private static void Save(DeviceInstance instance, SnapshotWriter to)
    {
        to.Number((long)instance.Inode);
        to.Number(instance.BirthNsec);
    }

    private static void Save(Findings findings, SnapshotWriter to)
    {
        to.Flag(findings != Findings.None);
        if (findings == Findings.None)
            return;
        to.Flag(findings.Settled);
        to.Text(findings.Rule);
        to.Number(findings.Missing?.Count ?? -1);
        foreach (var text in findings.Missing ?? [])
            to.Text(text);
        Save(findings.Attributes, to);
        Save(findings.Links, to);
    }

    private static void Save(IReadOnlyList<KeyValuePair<string, string>>? pairs, SnapshotWriter to)
    {
        to.Number(pairs?.Count ?? -1);
        foreach (var (key, value) in pairs ?? [])
        {
            to.Text(key);
            to.Text(value);
        }
    }
}
