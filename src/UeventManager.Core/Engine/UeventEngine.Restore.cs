using UeventManager.Core.Ordering;
using UeventManager.Core.Settle;
using UeventManager.Core.Snapshots;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Engine;

public sealed partial class UeventEngine
{
    private const int MostDevices = 4 * 1024 * 1024;
    private const int MostTexts = 65_536;

    /// <summary>
    /// Knows from now on what another run knew. Only for an engine that knows nothing yet; then <see cref="Resume"/> begins to
    /// compare it with what is there now.
    /// </summary>
    /// <exception cref="SnapshotException">It is broken; this engine is of no use any more.</exception>
    public void Restore(SnapshotReader from)
    {
        _deviceId = from.Number();
        var order = from.Number();
        _transactions = from.Number();
        for (var i = from.Number(0, 2 * MaxRemembered); i > 0; i--)
        {
            var path = from.Bytes().ToArray();
            RememberRemoved(path, from.Number(), from.Flag());
        }
        RestoreHistory(from);
        for (var i = from.Number(0, MostDevices); i > 0; i--)
            RestoreDevice(from);
        // Its events were given numbers of their own again.
        _order = order;
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

    private void RestoreDevice(SnapshotReader from)
    {
        var path = from.Bytes().ToArray();
        var subsystem = from.KnownText() ?? "";
        if (!DevPaths.IsValid(path) || _tree.Find(path) is not null)
            throw new SnapshotException("a devpath is none, or comes twice");
        var device = new Device(subsystem, _rules.For(subsystem)) { IsOfBus = from.Flag(), Id = from.Number(), LastMoment = MomentFrom(from) };
        if (device.IsOfBus)
            _buses.Add(subsystem);
        device.State = (DeviceState)from.Number(0, (int)DeviceState.Announced);
        device.Instance = Instance(from);
        (device.FirstSeqnum, device.AddSeqnum) = (from.Number(), from.Number());
        (device.CreatedOrder, device.AnnouncedOrder) = (from.Number(), from.Number());
        (device.LastOrder, device.LastAddOrder) = (device.CreatedOrder, device.CreatedOrder);
        device.Properties.Set(from.Bytes());
        if (from.Flag())
            (device.OwnProperties = new PropertyBuffer()).Set(from.Bytes());
        // Keys are told apart by a hash that is another one in every run.
        device.FileKeys = FileProperties.KeysOf((device.OwnProperties ?? device.Properties).Span);
        device.Findings = FindingsFrom(from);
        var told = from.Bytes();
        if (!told.IsEmpty)
        {
            device.ToldPath = told.ToArray();
            _untold.Add(device);
        }
        device.LeaderPath = from.Text();
        for (var i = from.Number(0, MaxQueued); i > 0; i--)
            (device.LiftedBy ??= []).Add(from.Text() ?? throw new SnapshotException("a leader has no path"));
        _tree.Add(device, path);
        if (from.Flag())
            RestoreWait(device, from);
        else if (device.State is DeviceState.Waiting or DeviceState.Held)
            throw new SnapshotException("a device waits for nothing");
        if (device.State == DeviceState.Announced)
            HoldKeys(device);
    }

    private void RestoreWait(Device device, SnapshotReader from)
    {
        var wait = NewWait(device);
        (wait.FirstSeen, wait.LastSeen) = (Instance(from), Instance(from));
        (long ArrivedUsec, long DeadlineUsec, ItemState[] Items)? followUp = from.Flag() ? (from.Number(), from.Number(), ItemsFrom(from)) : null;
        for (var i = from.Number(0, 4 * MaxQueued); i > 0; i--)
            wait.Queue.Add(EventFrom(device, from));
        if (device.State != DeviceState.Announced && (wait.Queue is not [{ Action: UeventAction.Add }, ..] || device.State == DeviceState.Dropped))
            throw new SnapshotException("a device that is not announced has no add");
        if (followUp is { } was && wait.Queue.Count == 0)
            RestoreFollowUp(device, wait, was.ArrivedUsec, was.DeadlineUsec, was.Items);
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

    private PendingEvent EventFrom(Device device, SnapshotReader from)
    {
        var pending = NewEvent((UeventAction)from.Number(0, (int)UeventAction.Unbind), from.Bytes(), 0, false, 0);
        pending.Seqnum = from.Number();
        pending.Synthetic = from.Flag();
        pending.ArrivedUsec = from.Number();
        pending.Order = from.Number();
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
