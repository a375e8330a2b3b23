using System.Text;
using UeventManager.Core.Driving;
using UeventManager.Core.Engine;
using UeventManager.Core.Ordering;
using UeventManager.Core.Reconcile;
using UeventManager.Core.Rules;
using UeventManager.Core.Settle;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Recording;

/// <summary>
/// Runs the engine with the daemon's driver on the clock of a recording, as fast as possible: datagrams arrive when they arrived then, and looks see
/// what was recorded.
/// </summary>
public sealed class Replay : IEngineEdge
{
    // The engine comes to rest at every moment; a longer series of turns can only be a fault in the engine.
    private const int MostTurns = 100_000;

    private readonly RecordedWorld _world;
    private readonly RecordedSysfs _sysfs;
    private readonly EngineDriver _driver;
    private readonly RuleSet _rules;
    private readonly Dictionary<Device, ReplayedDevice> _arriving = [];
    private readonly Dictionary<(string Path, long AtUsec), Arrival> _arrivals = [];
    private readonly List<ReplayedDevice> _devices = [];
    private readonly List<UnknownAnswer> _unknown = [];
    private readonly HashSet<(string, string)> _unknownSeen = [];
    private readonly List<string> _unsettledChanges = [];
    private readonly List<(Look Look, long Id, long DueUsec)> _reads = [];
    private readonly Dictionary<string, DeviceInstance> _strangers = new(StringComparer.Ordinal);
    private long _scan;
    private bool _isStarting = true;
    private long _now;

    /// <summary>Prepares a replay.</summary>
    /// <param name="world">The recording.</param>
    /// <param name="rules">The rules.</param>
    public Replay(RecordedWorld world, RuleSet rules)
    {
        (_world, _sysfs, _rules) = (world, new RecordedSysfs(world), rules);
        _driver = new EngineDriver(new UeventEngine(RuleSet.Empty), this);
        _now = world.StartUsec;
        foreach (var arrival in Arrivals.Of(world))
            _arrivals.TryAdd((arrival.Device.PathAt(arrival.AddUsec), arrival.AddUsec), arrival);
    }

    /// <summary>The devices that arrived, in the order of their adds.</summary>
    public IReadOnlyList<ReplayedDevice> Devices => _devices;

    /// <summary>The questions of the rules that the recording cannot answer, each once.</summary>
    public IReadOnlyList<UnknownAnswer> Unknown => _unknown;

    /// <summary>Changes that were delivered unsettled: the device and the missing conditions.</summary>
    public IReadOnlyList<string> UnsettledChanges => _unsettledChanges;

    /// <summary>Devices that were announced incomplete because no rule of their subsystem matches them.</summary>
    public IEnumerable<ReplayedDevice> Unmatched => _devices.Where(static device => device is { Outcome: ReplayOutcome.NoRule, Missing.Count: > 0 });

    /// <summary>Rules that announced none of their devices, because they held or dropped them all.</summary>
    public IEnumerable<string> UnmetRules => _devices.Where(static device => device.Rule is not null).GroupBy(static device => device.Rule!, StringComparer.Ordinal)
        .Where(static devices => !devices.Any(static device => device.IsTested) && devices.Any(static device => device.Outcome is ReplayOutcome.Held or ReplayOutcome.Dropped)).Select(static devices => devices.Key);

    long IEngineEdge.NowUsec => _now;

    private UeventEngine Engine => _driver.Engine;

    /// <summary>Runs the replay.</summary>
    /// <param name="cancel">Cancels the replay.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void Run(CancellationToken cancel = default)
    {
        Start();
        var next = 0;
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            var due = Math.Max(_now, Engine.NextDueUsec(_now));
            foreach (var read in _reads)
                due = Math.Min(due, Math.Max(_now, read.DueUsec));
            if (next < _world.Uevents.Count)
                due = Math.Min(due, Math.Max(_now, _world.Uevents[next].AtUsec));
            if (due > _world.EndUsec)
                break;
            _now = due;
            Engine.BeginWakeup();
            for (; next < _world.Uevents.Count && _world.Uevents[next].AtUsec <= _now; next++)
                Step(_world.Uevents[next]);
            Turn();
        }
        foreach (var device in _arriving.Values)
            Note(device);
        new ReplayVerdict(_devices, subsystem => _rules.Rules.Any(rule => rule.Subsystems.Contains(subsystem))).Judge();
    }

    // Devices that existed at the start are announced before the rules come into force: they were announced long ago.
    private void Start()
    {
        Engine.Reconcile();
        _driver.CarryOut();
        Engine.BeginWakeup();
        var found = _world.Devices.Where(device => device.AtStart).OrderBy(device => device.FirstDevPath, StringComparer.Ordinal)
            .Select(device => new ScannedDevice(Encoding.UTF8.GetBytes(device.FirstDevPath), device.Subsystem, device.Instance, Encoding.UTF8.GetBytes(device.FileAt(_now) ?? ""), device.IsBus)).ToList();
        Engine.Scanned(_scan, found, _now);
        _driver.CarryOut();
        Engine.ScanEnded(_scan, _now);
        _driver.CarryOut();
        Turn();
        Engine.ReplaceRules(_rules, _now);
        _driver.CarryOut();
        _isStarting = false;
    }

    // Does everything that is possible without the clock moving. Nothing is ever queued, because each received uevent is stepped at once.
    private void Turn()
    {
        for (var turns = 0; turns < MostTurns; turns++)
        {
            var worked = TakeReads();
            if (Engine.NextDueUsec(_now) <= _now)
            {
                Engine.Timer(_now);
                _driver.CarryOut();
                worked = true;
            }
            if (Engine.NeedsDrain)
            {
                Engine.Drained(Engine.EndedLooks, _now);
                _driver.CarryOut();
                worked = true;
            }
            if (!worked)
                return;
        }
        throw new InvalidOperationException("the engine never comes to rest");
    }

    private void Step(UeventLine line)
    {
        if (UeventParser.TryParse(line.Datagram, out var uevent) != UeventRejection.None)
            return;
        var isDevice = DevPaths.IsBelowDevices(uevent.DevPath) && (line.IsDevice || _world.IsSubsystem(KernelText.Decode(uevent.Subsystem), out _));
        var known = Engine.Devices.Find(uevent.DevPath);
        Engine.Step(uevent, isDevice, _now, line.IsBus);
        if (isDevice && uevent.Action != UeventAction.Remove && Engine.Devices.Find(uevent.DevPath) is { } device && device != known && !_arriving.ContainsKey(device))
            Arrive(device);
        _driver.CarryOut();
    }

    private void Arrive(Device device)
    {
        if (_arrivals.GetValueOrDefault((device.DevPath, _now)) is null && _world.Find(device.DevPath, _now) is { AtStart: true })
            return;
        var arrived = new ReplayedDevice { DevPath = device.DevPath, Subsystem = device.Subsystem, ArrivedUsec = _now, Arrival = _arrivals.GetValueOrDefault((device.DevPath, _now)) };
        _devices.Add(arrived);
        _arriving[device] = arrived;
    }

    private bool TakeReads()
    {
        var worked = false;
        for (var i = 0; i < _reads.Count; i++)
        {
            var (look, id, due) = _reads[i];
            if (due > _now)
                continue;
            _reads.RemoveAt(i--);
            if (look.Id == id && Fill(look.Device, look) <= _now)
                _driver.TakeAnswer(look, id);
            worked = true;
        }
        return worked;
    }

    bool IEngineEdge.Answer(in EngineCommand probe)
    {
        var due = Fill(probe.Device!, probe.Look!);
        if (due <= _now)
            return true;
        probe.Look!.WentToWorker = true;
        _reads.Add((probe.Look, probe.Number, due));
        return false;
    }

    // Answers a look's questions. Returns when it can be answered: later than now if a value was only read later.
    private long Fill(Device device, Look look)
    {
        look.Errno = 0;
        var recorded = _world.Find(device.DevPath, _now);
        if (recorded is null && (_world.WasFoundGone(device.DevPath) || _world.HasStoodAt(device.DevPath)))
        {
            look.Instance = default;
            foreach (var query in look.Ask)
                look.Sheet.Put(query.Slot, Answer.Absent);
            return _now;
        }
        look.Instance = recorded?.Instance ?? Stranger(device.DevPath);
        var due = _now;
        foreach (var query in look.Ask)
        {
            var later = recorded is null ? long.MaxValue : _sysfs.ReadAfter(recorded, query, _now);
            if (later != long.MaxValue)
                due = Math.Max(due, later);
            var answer = recorded is null ? Answer.Unrecorded : _sysfs.Ask(recorded, query, _now);
            if (answer.IsUnrecorded && !_isStarting)
                NoteUnknown(device, query);
            look.Sheet.Put(query.Slot, answer);
        }
        return due;
    }

    // There was no look at it, so only its uevent is known.
    private DeviceInstance Stranger(string devPath)
    {
        if (!_strangers.TryGetValue(devPath, out var instance))
            _strangers.Add(devPath, instance = new DeviceInstance((ulong)_strangers.Count + 1, 2));
        return instance;
    }

    private void NoteUnknown(Device device, SysfsQuery query)
    {
        var question = query.Kind switch
        {
            QueryKind.DeviceNode => "deviceNode: the recording has no nodes",
            QueryKind.UdevEntry => "udev: the recording has no data of udev",
            QueryKind.Fingerprint => $"stable: {string.Join(", ", query.Globs)}",
            QueryKind.Ancestor => "parent: its tests",
            _ when (query.Needs & QueryNeeds.Value) != 0 && !_world.Header.HasValues => $"{query.Path}: no values were recorded (record --values)",
            _ => query.Path,
        };
        if (_unknownSeen.Add((device.DevPath, question)))
            _unknown.Add(new UnknownAnswer(device.DevPath, (device.Pending?.Rule ?? device.Pending?.LookingAt)?.Rule.Name, question));
    }

    void IEngineEdge.Execute(in EngineCommand command)
    {
        switch (command.Kind)
        {
            case CommandKind.Scan:
                _scan = command.Number;
                break;
            case CommandKind.Deliver when command.Device is { } device:
                Deliver(device, command.Event!);
                break;
            case CommandKind.Abandon:
                var given = command.Number;
                _reads.RemoveAll(read => read.Id == given);
                break;
            case CommandKind.Gone when _arriving.Remove(command.Device!, out var gone):
                gone.Outcome = ReplayOutcome.Gone;
                break;
            case CommandKind.Report when command.Incident == Incident.Dropped && _arriving.Remove(command.Device!, out var dropped):
                (dropped.Outcome, dropped.Rule, dropped.Missing) = (ReplayOutcome.Dropped, command.Rule?.Name, command.Missing ?? []);
                break;
        }
    }

    void IEngineEdge.Executed(IReadOnlyList<EngineCommand> commands)
    {
    }

    private void Deliver(Device device, PendingEvent released)
    {
        if (released.Action == UeventAction.Add && _arriving.Remove(device, out var arrived))
        {
            arrived.AnnouncedUsec = _now;
            arrived.Rule = released.Findings.Rule;
            arrived.Group = released.Transaction?.Id ?? 0;
            arrived.Missing = released.Findings.Missing ?? [];
            arrived.Outcome = arrived.Rule is null ? ReplayOutcome.NoRule : released.Findings.Settled ? ReplayOutcome.Complete : ReplayOutcome.Incomplete;
        }
        else if (released is { Action: UeventAction.Change, Findings.Settled: false })
        {
            _unsettledChanges.Add($"{device.DevPath}: {string.Join("; ", released.Findings.Missing ?? [])}");
        }
    }

    private void Note(ReplayedDevice arrived)
    {
        if (Engine.Devices.Find(Encoding.UTF8.GetBytes(arrived.DevPath)) is not { } device)
            return;
        arrived.Rule = (device.Pending?.Rule ?? device.Pending?.LookingAt)?.Rule.Name;
        arrived.Outcome = device.State == DeviceState.Held ? ReplayOutcome.Held : ReplayOutcome.Waiting;
        arrived.Missing = UeventEngine.MissingOf(device) ?? [];
    }
}
