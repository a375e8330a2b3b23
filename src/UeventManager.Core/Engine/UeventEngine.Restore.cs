using UeventManager.Core.Ordering;
using UeventManager.Core.Settle;
using UeventManager.Core.Snapshots;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Engine;

public sealed partial class UeventEngine
{
    /// <summary>Most devices that are handed over.</summary>
    public const int MaxHandedOver = 262_144;

    // Bytes of all paths and of the paths above them: with 262,144 devices two kilobytes each.
    private const long MostPathBytes = 512L << 20;

    private readonly HashSet<long> _restoredIds = [];
    private long _restoredPathBytes;

    /// <summary>
    /// Knows from now on what another run knew. Only for an engine that knows nothing yet; then <see cref="Resume"/> begins to
    /// compare it with what is there now.
    /// </summary>
    /// <exception cref="SnapshotException">It is broken; this engine is of no use any more.</exception>
    public void Restore(SnapshotReader from)
    {
        _deviceId = from.Count();
        var order = from.Count();
        _transactions = from.Count();
        for (var i = from.Number(0, 2 * MaxRemembered); i > 0; i--)
        {
            var path = Restored.Path(from).ToArray();
            var seqnum = from.Count();
            var renamed = from.Flag();
            var goneTo = Restored.PathOrNone(from);
            // After a loss of events nobody knows where what was renamed is now (ForgetRenames).
            if (!renamed && !goneTo.IsEmpty)
                throw new SnapshotException("what was removed has gone somewhere");
            RememberRemoved(path, seqnum, renamed ? goneTo.ToArray() : null);
        }
        _history.Restore(from);
        for (var i = from.Number(0, MaxHandedOver); i > 0; i--)
            RestoreDevice(from, order);
        // Its events were given numbers of their own again.
        _order = order;
        _restoredIds.Clear();
        _restoredIds.TrimExcess();
    }

    /// <summary>Tells the subsystems of all devices that are known; they may be gone with their classes meanwhile.</summary>
    public void ForEachSubsystem(Action<string, bool> tell)
    {
        foreach (var device in _tree.All().DistinctBy(device => device.Subsystem))
            tell(device.Subsystem, device.IsOfBus);
    }

    /// <summary>Reconciles what was restored with sysfs, and looks at once at everything that waited.</summary>
    public void Resume(long nowUsec)
    {
        BeginStep(nowUsec);
        Lose();
        BeginReconcile();
        foreach (var device in _tree.All().Where(d => d.Pending is not null).ToList())
        {
            if (!device.InTree || device.Pending is not { } pending)
                continue;
            if (device.State != DeviceState.Announced)
                EnterReconcile(device);
            TryRelease(device, nowUsec);
            if (device.Pending == pending && pending.InFlight is null && (pending.HasUnserved || pending.FollowUp is not null))
                StartLook(device, nowUsec, repeated: false);
        }
    }

    private void RestoreDevice(SnapshotReader from, long order)
    {
        var path = Restored.Path(from).ToArray();
        _restoredPathBytes += path.Length * path.AsSpan().Count((byte)'/');
        if (!DevPaths.IsBelowDevices(path) || _tree.Find(path) is not null || _restoredPathBytes > MostPathBytes)
            throw new SnapshotException("a devpath is no device's, comes twice, or there are too many");
        var subsystem = Restored.Subsystem(from);
        var device = new Device(subsystem, _rules.For(subsystem)) { IsOfBus = from.Flag(), Id = from.Count(), LastMoment = _history.Place(from) };
        if (device.Id == 0 || device.Id > _deviceId || !_restoredIds.Add(device.Id))
            throw new SnapshotException("a device has another's id, or one of the future");
        if (device.IsOfBus)
            _buses.Add(subsystem);
        device.State = (DeviceState)from.Number(0, (int)DeviceState.Announced);
        device.Instance = Restored.Instance(from);
        (device.FirstSeqnum, device.AddSeqnum) = (from.Count(), from.Count());
        (device.CreatedOrder, device.AnnouncedOrder) = (Restored.Order(from, order), Restored.Order(from, order));
        (device.PlacedOrder, device.LastOrder, device.LastAddOrder) = (device.CreatedOrder, device.CreatedOrder, device.CreatedOrder);
        Restored.Properties(from, device.Properties);
        if (from.Flag())
            Restored.Properties(from, device.OwnProperties = new PropertyBuffer());
        // Keys are told apart by a hash that is another one in every run.
        device.FileKeys = FileProperties.KeysOf((device.OwnProperties ?? device.Properties).Span);
        device.Findings = Restored.Findings(from);
        if (from.Flag())
        {
            device.ToldPath = Restored.Path(from).ToArray();
            _untold.Add(device);
        }
        var parent = Restored.PathOrNone(from);
        device.ToldParent = parent.IsEmpty ? null : parent.ToArray();
        device.LeaderPath = from.Text();
        for (var i = from.Number(0, MaxQueued); i > 0; i--)
            (device.LiftedBy ??= []).Add(from.Text() ?? throw new SnapshotException("a leader has no path"));
        _tree.Add(device, path);
        if (from.Flag())
            RestoreWait(device, from, order);
        else if (device.State is DeviceState.Waiting or DeviceState.Held || device.ToldPath is not null)
            throw new SnapshotException("a device waits for nothing");
        if (device.State == DeviceState.Announced)
            HoldKeys(device);
    }

    private void RestoreWait(Device device, SnapshotReader from, long order)
    {
        var pending = NewPending(device);
        pending.Restore(Restored.Instance(from), Restored.Instance(from));
        (long ArrivedUsec, long TimeoutUsec, ItemState[] Items)? followUp = from.Flag() ? (from.Time(), TimeoutFrom(from), Restored.Items(from)) : null;
        for (var i = from.Number(0, 4 * MaxQueued); i > 0; i--)
            Restore(pending, EventFrom(device, from, order));
        Restored.Check(device, pending.Events);
        if (followUp is { } was && pending.IsEmpty)
            RestoreFollowUp(device, pending, was.ArrivedUsec, was.ArrivedUsec + was.TimeoutUsec, was.Items);
        if (pending.IsEmpty && pending.FollowUp is null)
            EndPending(device);
    }

    // All of them: whatever a hand-over says is checked as a whole.
    private static void Restore(Pending pending, PendingEvent queued)
    {
        if (queued.Action == UeventAction.Add)
            pending.BeginAdd(queued);
        else
            pending.Changes.Add(queued);
    }

    // The rule is the one of that name now; one that is gone has nothing left to look for.
    private void RestoreFollowUp(Device device, Pending pending, long arrivedUsec, long deadlineUsec, ItemState[] items)
    {
        if (device.Findings.Missing is null || device.Rules.Rules.FirstOrDefault(r => r.Rule.Name == device.Findings.Rule) is not { } rule)
            return;
        pending.BeginFollowUp(new FollowUp(rule, arrivedUsec, deadlineUsec), items);
        SetDeadline(pending, deadlineUsec);
    }

    private static long TimeoutFrom(SnapshotReader from) =>
        from.Count() is var usec && usec <= Restored.MaxTimeoutUsec ? usec : throw new SnapshotException("a deadline lies too far ahead");

    private PendingEvent EventFrom(Device device, SnapshotReader from, long order)
    {
        var queued = NewEvent((UeventAction)from.Number(0, (int)UeventAction.Unbind), default, 0, false, 0);
        Restored.Properties(from, queued.Properties);
        queued.Seqnum = from.Count();
        queued.Synthetic = from.Flag();
        queued.ArrivedUsec = from.Time();
        queued.Order = Restored.Order(from, order);
        queued.TimedOut = from.Flag();
        (queued.IsLeaderChange, queued.CoversLeaderChange) = (from.Flag(), from.Flag());
        queued.Complete = from.Flag();
        queued.Findings = Restored.Findings(from);
        queued.Wakeup = 0;
        (queued.Path, queued.Subsystem) = (device.Node.Path, device.Subsystem);
        return queued;
    }
}
