using UeventManager.Core.Ordering;
using UeventManager.Core.Snapshots;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Engine;

// The hand-over to the next run of the daemon: each owner writes and reads its own part.
public sealed partial class UeventEngine
{
    /// <summary>The most devices that a hand-over contains.</summary>
    public const int MaxHandedOver = 262_144;

    // The total bytes of all paths and their ancestors' paths: 2 KB for each of 262,144 devices.
    private const long MostPathBytes = 512L << 20;

    private readonly HashSet<long> _restoredIds = [];
    private long _restoredPathBytes;

    /// <summary>True unless there are more devices than a hand-over can contain: <see cref="MaxHandedOver"/>.</summary>
    public bool CanSave => _tree.Count <= MaxHandedOver;

    /// <summary>Writes all known devices with their pending events. Times refer to the clock that the snapshot names before.</summary>
    public void Save(SnapshotWriter to)
    {
        to.Number(_deviceId);
        to.Number(_events.Order);
        _groups.Save(to);
        _departed.Save(to);
        _history.Save(to);
        _udev.Save(to);
        to.Number(_tree.Count);
        foreach (var device in _tree.All())
        {
            to.Bytes(device.Node.Path);
            to.Text(device.Subsystem);
            to.Flag(_keys.IsBus(device.Subsystem));
            to.Number(device.Id);
            _history.Save(device, to);
            DeviceSnapshot.Save(device, to);
            _udev.Save(device, to);
            _groups.Save(device, to);
            DeviceSnapshot.SavePromise(_settlement.PromiseOf(device), to);
            DeviceSnapshot.SavePending(device, to);
        }
    }

    /// <summary>
    /// Takes over the state of another run. Only for an engine without any device; <see cref="Resume"/> must follow, which compares the state with
    /// sysfs.
    /// </summary>
    /// <param name="from">The snapshot.</param>
    /// <param name="mayHaveMissed">True if events may have been lost since: announced devices are then looked at again.</param>
    /// <exception cref="SnapshotException">The snapshot is broken; this engine must not be used any more.</exception>
    public void Restore(SnapshotReader from, bool mayHaveMissed = false)
    {
        _reconciliation.MayHaveMissed = mayHaveMissed;
        _deviceId = from.Count();
        var order = from.Count();
        _groups.Restore(from);
        _departed.Restore(from);
        _history.Restore(from);
        _udev.Restore(from, order);
        for (var i = from.Number(0, MaxHandedOver); i > 0; i--)
            RestoreDevice(from, order);
        // Restoring numbered the pending events anew, so the saved order is set last.
        _events.Order = order;
        _restoredPathBytes = 0;
        _restoredIds.Clear();
        _restoredIds.TrimExcess();
    }

    /// <summary>Passes the subsystem of each known device to <paramref name="tell"/>; its class or bus may be gone by now.</summary>
    public void ForEachSubsystem(Action<string, bool> tell)
    {
        foreach (var device in _tree.All().DistinctBy(device => device.Subsystem))
            tell(device.Subsystem, _keys.IsBus(device.Subsystem));
    }

    /// <summary>Reconciles the restored state with sysfs, and looks at once at every waiting device.</summary>
    public void Resume(long nowUsec)
    {
        Tap?.Resumed(nowUsec);
        BeginStep(nowUsec);
        _reconciliation.Lose(_events.Order);
        BeginReconcile();
        foreach (var device in _tree.All().Where(d => d.Pending is not null).ToList())
        {
            if (!device.InTree || device.Pending is not { } pending)
                continue;
            if (device.State != DeviceState.Announced)
                _reconciliation.Enter(device);
            _settlement.TryRelease(device, nowUsec);
            if (device.Pending == pending && pending.InFlight is null && (pending.HasUnserved || pending.FollowUp is not null))
                _settlement.StartLook(device, nowUsec, repeated: false);
        }
    }

    private void RestoreDevice(SnapshotReader from, long order)
    {
        var path = Restored.Path(from).ToArray();
        _restoredPathBytes += path.Length * path.AsSpan().Count((byte)'/');
        var known = _tree.Find(path);
        if (!DevPaths.IsBelowDevices(path) || (known is null) == _isRebasing || _restoredPathBytes > MostPathBytes)
            throw new SnapshotException("a devpath is not below /devices or is used twice, or the devpaths are too long");
        var subsystem = Restored.Subsystem(from);
        if (from.Flag())
            _keys.AddBus(subsystem);
        var id = from.Count();
        if (id == 0 || id > _deviceId || !_restoredIds.Add(id))
            throw new SnapshotException("a device's id is used twice, or was not assigned yet");
        var device = known ?? new Device(subsystem, _rules.For(subsystem)) { Id = id };
        if (known is null)
            _tree.Add(device, path);
        else
            known.BeginAnew(_rules.For(subsystem));
        _history.Restore(device, from);
        if (DeviceSnapshot.Restore(device, from, order) is { } told)
            _moves.Restore(device, told);
        _udev.Restore(device, from, order);
        _groups.Restore(device, from);
        var promise = DeviceSnapshot.RestorePromise(device, from, order);
        if (from.Flag())
            RestorePending(device, promise, from, order);
        else if (device.State is DeviceState.Waiting or DeviceState.Held || device.DeliveredPath is not null)
            throw new SnapshotException("a waiting device has no pending event");
        if (device.State != DeviceState.Announced)
            return;
        _keys.ClaimKeys(device);
        if (promise is null)
            return;
        _settlement.RestorePromise(device, promise);
        _udev.Expect(promise.Udev.Seqnum, device);
    }

    private void RestorePending(Device device, FollowUp? promise, SnapshotReader from, long order)
    {
        var pending = _settlement.NewPending(device);
        DeviceSnapshot.RestorePending(pending, promise, from, order, _events);
        foreach (var queued in pending.Events)
            _udev.Expect(queued.Udev.Seqnum, device);
        if (pending.FollowUp is { } followUp)
            _settlement.SetDeadline(pending, followUp.DeadlineUsec);
        else if (pending.IsEmpty)
            _settlement.EndPending(device);
    }
}
