using UeventManager.Core.Ordering;
using UeventManager.Core.Settle;
using UeventManager.Core.Snapshots;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Engine;

public sealed partial class UeventEngine
{
    /// <summary>Most devices that are handed over.</summary>
    public const int MaxHandedOver = 262_144;

    // Of a rule, of what is missing, of what is attached.
    private const int MostTexts = 4096;

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
        RestoreHistory(from);
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
        foreach (var device in _tree.All().Where(d => d.Wait is not null).ToList())
        {
            if (!device.InTree || device.Wait is not { } wait)
                continue;
            if (device.State != DeviceState.Announced)
                EnterReconcile(device);
            TryRelease(device, nowUsec);
            if (device.Wait == wait && wait.InFlight is null && (HasUnserved(wait) || wait.FollowUp is not null))
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
        var device = new Device(subsystem, _rules.For(subsystem)) { IsOfBus = from.Flag(), Id = from.Count(), LastMoment = MomentFrom(from) };
        if (device.Id == 0 || device.Id > _deviceId || !_restoredIds.Add(device.Id))
            throw new SnapshotException("a device has another's id, or one of the future");
        if (device.IsOfBus)
            _buses.Add(subsystem);
        device.State = (DeviceState)from.Number(0, (int)DeviceState.Announced);
        device.Instance = Instance(from);
        (device.FirstSeqnum, device.AddSeqnum) = (from.Count(), from.Count());
        (device.CreatedOrder, device.AnnouncedOrder) = (Restored.Order(from, order), Restored.Order(from, order));
        (device.PlacedOrder, device.LastOrder, device.LastAddOrder) = (device.CreatedOrder, device.CreatedOrder, device.CreatedOrder);
        Restored.Properties(from, device.Properties);
        if (from.Flag())
            Restored.Properties(from, device.OwnProperties = new PropertyBuffer());
        // Keys are told apart by a hash that is another one in every run.
        device.FileKeys = FileProperties.KeysOf((device.OwnProperties ?? device.Properties).Span);
        device.Findings = FindingsFrom(from);
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
        var wait = NewWait(device);
        (wait.FirstSeen, wait.LastSeen) = (Instance(from), Instance(from));
        (long ArrivedUsec, long TimeoutUsec, ItemState[] Items)? followUp = from.Flag() ? (from.Time(), TimeoutFrom(from), ItemsFrom(from)) : null;
        for (var i = from.Number(0, 4 * MaxQueued); i > 0; i--)
            wait.Queue.Add(EventFrom(device, from, order));
        Restored.Check(device, wait.Queue);
        if (followUp is { } was && wait.Queue.Count == 0)
            RestoreFollowUp(device, wait, was.ArrivedUsec, was.ArrivedUsec + was.TimeoutUsec, was.Items);
        if (wait.Queue.Count == 0 && wait.FollowUp is null)
            EndWait(device);
    }

    // The rule is the one of that name now; one that is gone has nothing left to look for.
    private void RestoreFollowUp(Device device, Wait wait, long arrivedUsec, long deadlineUsec, ItemState[] items)
    {
        if (device.Findings.Missing is not { } missing || device.Rules.Rules.FirstOrDefault(r => r.Rule.Name == device.Findings.Rule) is not { } rule)
            return;
        bool[] wanted = [.. rule.Items.Select(item => missing.Any(text => ItemState.Describes(text, item)))];
        (wait.Rule, wait.Items) = (rule, items.Length == rule.Items.Count ? items : new ItemState[rule.Items.Count]);
        wait.FollowUp = new FollowUp(rule, wanted, arrivedUsec, deadlineUsec);
        SetDeadline(wait, deadlineUsec);
    }

    private static long TimeoutFrom(SnapshotReader from) =>
        from.Count() is var usec && usec <= Restored.MaxTimeoutUsec ? usec : throw new SnapshotException("a deadline lies too far ahead");

    private PendingEvent EventFrom(Device device, SnapshotReader from, long order)
    {
        var pending = NewEvent((UeventAction)from.Number(0, (int)UeventAction.Unbind), default, 0, false, 0);
        Restored.Properties(from, pending.Properties);
        pending.Seqnum = from.Count();
        pending.Synthetic = from.Flag();
        pending.ArrivedUsec = from.Time();
        pending.Order = Restored.Order(from, order);
        pending.TimedOut = from.Flag();
        (pending.IsOwed, pending.PaysOwed) = (from.Flag(), from.Flag());
        pending.Complete = from.Flag();
        pending.Findings = FindingsFrom(from);
        pending.Wakeup = 0;
        (pending.Path, pending.Subsystem) = (device.Node.Path, device.Subsystem);
        return pending;
    }

    private static DeviceInstance Instance(SnapshotReader from) => new((ulong)from.Number(), from.Number());

    private static Findings FindingsFrom(SnapshotReader from)
    {
        if (!from.Flag())
            return Findings.None;
        var settled = from.Flag();
        var rule = from.KnownText();
        return new Findings(settled, rule, MissingFrom(from), Pairs(from), Pairs(from));
    }

    private static List<KeyValuePair<string, string>>? Pairs(SnapshotReader from)
    {
        var count = from.Number(-1, MostTexts);
        if (count < 0)
            return null;
        var pairs = new List<KeyValuePair<string, string>>(Math.Min(count, 64));
        for (var i = 0; i < count; i++)
            pairs.Add(new(from.KnownText() ?? "", from.Text() ?? ""));
        return pairs;
    }
}
