using UeventManager.Core.Ordering;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Engine;

// uevent_seqnum is taken before the broadcast and is not serialised with it: events of two CPUs may overtake each other.
// So a remove may come after the add of the next instance, and a change after its device's remove.
public sealed partial class UeventEngine
{
    /// <summary>Removed devpaths whose SEQNUM is remembered; beyond it the oldest are forgotten.</summary>
    public const int MaxRemembered = 1024;

    private readonly Dictionary<byte[], Left> _removed = new(new PathComparer());
    private readonly Queue<(byte[] Path, long Seqnum)> _removedOrder = new();

    // Older than the add of the device that is there now, or than what has emptied the place: its own remove or rename, or
    // the remove of what was above it.
    private bool IsStale(Device? device, in Uevent uevent)
    {
        if (device is not null || uevent.Seqnum == 0)
            return device is not null && uevent.Seqnum > 0 && uevent.Seqnum < device.AddSeqnum;
        if (uevent.Action == UeventAction.Remove || _removed.Count == 0)
            return false;
        var removed = _removed.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (removed.TryGetValue(uevent.DevPath, out var left) && uevent.Seqnum < left.Seqnum)
            return true;
        for (var above = DevPaths.Parent(uevent.DevPath); !above.IsEmpty; above = DevPaths.Parent(above))
        {
            if (removed.TryGetValue(above, out left) && !left.Renamed && uevent.Seqnum < left.Seqnum)
                return true;
        }
        return false;
    }

    private void RememberRemoved(byte[] path, long seqnum, byte[]? to = null)
    {
        if (seqnum == 0)
            return;
        _removed[path] = new Left(seqnum, to);
        _removedOrder.Enqueue((path, seqnum));
        if (_removedOrder.Count <= MaxRemembered)
            return;
        var (oldest, was) = _removedOrder.Dequeue();
        if (_removed.TryGetValue(oldest, out var now) && now.Seqnum == was)
            _removed.Remove(oldest);
    }

    private void StepStale(Device? device, in Uevent uevent, long nowUsec)
    {
        if (uevent.Action != UeventAction.Remove)
        {
            Counters.StaleEvents++;
            // A rename that comes after the remove of what was renamed: nothing is at the old place any more.
            if (uevent.Action == UeventAction.Move && device is null && _tree.Find(uevent.DevPathOld) is { } renamed)
                Identify(renamed, null, nowUsec, reconcile: true);
            return;
        }
        Counters.StaleRemoves++;
        if (device is null)
            return;
        if ((device.FirstSeqnum > 0 && device.FirstSeqnum < uevent.Seqnum) || NextInstance(device) is not null)
            Overtaken(device, uevent, nowUsec);
        else
            // Unless what has announced the device came from it after its remove: then nothing is there.
            Identify(device, null, nowUsec, reconcile: true);
    }

    // Its life began with an add older than this remove, and went on with a newer one, which is another instance's that was
    // there before anybody had looked: so it is two lives. What was below the first one went with it.
    private void Overtaken(Device device, in Uevent uevent, long nowUsec)
    {
        SweepBelow(device, uevent.Seqnum, nowUsec);
        // Another device at the same place may be of another subsystem.
        var isOfOther = device.AddSubsystem is { } added && added != device.Subsystem;
        if (device.State is DeviceState.Waiting or DeviceState.Held && !isOfOther)
            TakeOver(device, nowUsec);
        else if (!isOfOther && TopmostAnnounced(device.Node).Any())
            // Children of the second one were told already: for subscribers the two are one that has changed.
            device.FirstSeqnum = device.AddSeqnum;
        else
            Split(device, uevent, nowUsec);
    }

    private void Split(Device device, in Uevent uevent, long nowUsec)
    {
        var add = NewestAdd(device, nowUsec);
        var blocked = device.Blocked;
        device.Blocked = null;
        var reconciling = HoldReconcile(device);
        RemoveOne(device, NewEvent(uevent, UeventAction.Remove, synthetic: false, nowUsec), nowUsec);
        ReAdd(add, reconciling, nowUsec);
        Unblock(blocked, device, nowUsec);
    }

    private static PropertyBuffer NewestProperties(Device device) => device.Pending is { Events: [.., var last] } ? last.Properties : device.Properties;

    // The add of another instance, seen at the device's path, that is being drained.
    private PendingEvent? NextInstance(Device device)
    {
        if (device.ReplaceOrder == 0)
            return null;
        foreach (var drain in _draining)
        {
            if (drain.Device == device && drain is { Heard: true, News: { } news } && news.Seqnum == device.AddSeqnum)
                return news;
        }
        return null;
    }

    private void SweepBelow(Device device, long seqnum, long nowUsec)
    {
        var leaving = RemovalOrder(device, long.MaxValue)
            .FindAll(below => below.AddSeqnum > 0 && below.PlacedOrder == below.CreatedOrder ? below.AddSeqnum < seqnum : below.PlacedOrder < device.LastAddOrder);
        RemoveAll(leaving, nowUsec);
    }

    private void TakeOver(Device device, long nowUsec)
    {
        if (device.Pending is not { Add: { } add } pending)
            return;
        // The directory that is open is the former one's.
        Forget(device);
        Counters.Vanished++;
        device.FirstSeqnum = device.AddSeqnum;
        add.RenewLife(device.AddSeqnum, nowUsec);
        device.State = DeviceState.Waiting;
        if (add.IsDraining)
            return;
        // The file that was laid over it is the former one's.
        add.DropFile();
        VoidDecision(pending);
        add.Void();
        device.Instance = default;
        pending.ResetVerdict();
        pending.ForgetFirst();
        LookAnew(device, pending, nowUsec);
    }

    // The event that emptied a place, and where who stood there was renamed to: null if he was removed, empty if nobody knows any more.
    private readonly record struct Left(long Seqnum, byte[]? To)
    {
        public bool Renamed => To is not null;
    }
}
