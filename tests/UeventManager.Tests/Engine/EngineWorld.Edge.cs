using System.Text;
using UeventManager.Core.Dispatch;
using UeventManager.Core.Driving;
using UeventManager.Core.Engine;
using UeventManager.Core.Ordering;
using UeventManager.Core.Reconcile;
using UeventManager.Core.Rules;
using UeventManager.Core.Uevents;
using UeventManager.Tests.Simulation.Model;

namespace UeventManager.Tests.Engine;

/// <summary>The daemon's side: carries out commands, answers looks at once or later, scans.</summary>
internal sealed partial class EngineWorld : IEngineEdge
{
    private readonly List<Read> _reads = [];
    private EngineDriver _driver;
    private (Look Look, long Id)? _answering;
    private Waiters? _waits;
    private bool _isReconciled;
    private (long Number, long DueUsec, IReadOnlyList<ScannedDevice> Found, bool IsComplete)? _scan;

    /// <summary>Who tells subscribers, where there are any.</summary>
    public Publisher? Publisher { get; set; }

    /// <summary>Called when the state is known again, and all that was decided with it is told.</summary>
    public Action? WhenReconciled { get; set; }

    /// <summary>How long a worker takes to read values.</summary>
    public long ReadUsec { get; set; } = 100;

    /// <summary>How long a look takes that needs no worker.</summary>
    public long LookUsec { get; set; }

    /// <summary>How long a scan takes. What it finds is what was there when it began.</summary>
    public long ScanUsec { get; set; }

    /// <summary>Why the directory at a devpath cannot be looked at now; null or 0 if it can.</summary>
    public Func<string, int>? Blind { get; set; }

    /// <summary>Why a question cannot be answered now; null or 0 if it can.</summary>
    public Func<SysfsQuery, int>? BlindTo { get; set; }

    /// <summary>True for the devpaths that a scan cannot read.</summary>
    public Func<string, bool>? Hides { get; set; }

    /// <summary>Who waits for devices.</summary>
    public Waiters Waiters => _waits ??= new Waiters(Engine.Devices);

    /// <summary>Reads that were given up.</summary>
    public int Abandoned { get; private set; }

    /// <summary>Looks that were answered, by device.</summary>
    public List<(string Path, long AtUsec)> Looks { get; } = [];

    /// <summary>Reads that have not returned and that somebody still waits for.</summary>
    public int Reading => _reads.Count;

    /// <summary>Begins as the daemon does.</summary>
    public void Start()
    {
        Engine.Reconcile();
        Carry();
    }

    public void ReplaceRules(RuleSet rules)
    {
        Engine.ReplaceRules(rules, Now);
        Carry();
    }

    public bool Release(string name)
    {
        var known = Engine.ReleaseByHand(Device(name), Now);
        Carry();
        return known;
    }

    /// <summary>A read of a device that was given up has returned.</summary>
    public void ReadReturned(string name)
    {
        Engine.ReadReturned(Device(name), Now);
        Carry();
    }

    /// <summary>Carries out what a step wants that a test has made by itself.</summary>
    public void CarryOut() => Carry();

    long IEngineEdge.NowUsec => Now;

    bool IEngineEdge.Answer(in EngineCommand probe)
    {
        if (!Answer(probe.Device!, probe.Look!, probe.Number))
            return false;
        Answering(probe.Look!, probe.Number);
        return true;
    }

    void IEngineEdge.Executed(IReadOnlyList<EngineCommand> commands)
    {
        if (_answering is not { } answered)
            return;
        _answering = null;
        AfterAnswer(answered.Look, answered.Id);
    }

    private void Carry()
    {
        Publisher?.Begin();
        _driver.CarryOut();
        AfterCarry();
    }

    private void AfterCarry()
    {
        Publisher?.End();
        if (!_isReconciled)
            return;
        _isReconciled = false;
        WhenReconciled?.Invoke();
    }

    private void Answering(Look look, long id)
    {
        if (IsMade(look))
            Observer?.Answering(id);
        _answering = (look, id);
    }

    private void AfterAnswer(Look look, long id)
    {
        Observer?.Answered(look, id);
        if (OnceLooked is { } looked)
        {
            OnceLooked = null;
            looked();
        }
        if (!Engine.NeedsDrain || OnceDecided is not { } action)
            return;
        OnceDecided = null;
        action();
    }

    /// <summary>Names of those whose directory the edge keeps open.</summary>
    public HashSet<string> Open { get; } = [];

    /// <summary>How often one of them was closed.</summary>
    public int Closed { get; private set; }

    void IEngineEdge.Execute(in EngineCommand command)
    {
        switch (command.Kind)
        {
            case CommandKind.Deliver:
                Record(command.Event!, command.Device);
                break;
            case CommandKind.Gone or CommandKind.Ended:
                Waiters.Ended(command.Device!);
                break;
            case CommandKind.Probe:
                if (command is { Look.Purpose: LookPurpose.Settle, Device.Pending: not null })
                    Open.Add(command.Device.SysName);
                // Not one that nobody waits for: all that were given up have no id, and readers tell looks apart by it.
                Assert.NotEqual(0, command.Number);
                break;
            case CommandKind.Abandon:
                var given = command.Number;
                Abandoned += _reads.RemoveAll(read => read.Id == given);
                break;
            case CommandKind.Forget:
                if (Open.Remove(command.Device!.SysName))
                    Closed++;
                break;
            case CommandKind.Scan:
                Scan(command.Number);
                break;
            case CommandKind.Gap:
                Gaps++;
                _isReconciled = false;
                Publisher?.Gap("kernelOverrun", command.Number);
                break;
            case CommandKind.UdevLead:
                Leads.Add((command.Device!.Subsystem, command.Number));
                break;
            case CommandKind.Reconciled:
                Reconciled++;
                _isReconciled = !Engine.IsReconciling;
                if (_isReconciled)
                    Publisher?.Reconciled(Now);
                break;
            case CommandKind.Report:
                IncidentRules.Add(command.Rule?.Name);
                Incidents.Add($"{command.Incident} {Encoding.UTF8.GetString(DevPaths.SysName(command.Path))}: {string.Join(", ", command.Missing ?? [])}");
                break;
        }
    }

    private void Scan(long number)
    {
        var found = Sysfs.Scan().Select(d => d with { IsBus = Buses.Contains(d.Subsystem) }).ToList();
        var hidden = Hides is { } hides ? found.RemoveAll(d => hides(Encoding.UTF8.GetString(d.Path))) : 0;
        _scan = (number, Now + ScanUsec, found, hidden == 0);
    }

    private static bool IsMade(Look look) => look.Errno == 0 && !look.Ask.Exists(query => look.Sheet[query.Slot].CouldNotLook);

    // True if the look is complete; false if a worker reads values for it.
    private bool Answer(Device device, Look look, long id)
    {
        Now += LookUsec;
        look.Errno = Blind?.Invoke(device.DevPath) ?? 0;
        if (look.Errno != 0)
        {
            look.Instance = default;
            return true;
        }
        var directory = Sysfs.Find(device.DevPath);
        look.Instance = directory?.Instance ?? default;
        if (look.Purpose == LookPurpose.Settle && !look.WentToWorker)
            Looks.Add((device.DevPath, Now));
        List<SysfsQuery>? blocking = null;
        foreach (var query in look.Ask)
        {
            if (directory is null)
                look.Sheet.Put(query.Slot, Core.Rules.Answer.Absent);
            else if (query.MayBlock)
                (blocking ??= []).Add(query);
            else
                Put(look, device.DevPath, directory, query);
        }
        if (blocking is null)
            return true;
        // As the daemon's readers do: one job for each id.
        Assert.DoesNotContain(_reads, read => read.Id == id);
        _reads.Add(new Read(look, id, device.DevPath, directory!, blocking, Now + ReadUsec));
        return false;
    }

    private void Put(Look look, string path, ModelDevice directory, SysfsQuery query)
    {
        if (BlindTo?.Invoke(query) is int errno and not 0)
        {
            look.Sheet.Put(query.Slot, Core.Rules.Answer.Unknown(errno));
            return;
        }
        var answer = Sysfs.Ask(directory, query);
        look.Sheet.Put(query.Slot, answer);
        Observer?.Asked(look, path, query, answer);
    }

    private long NextReadUsec()
    {
        var next = _scan?.DueUsec ?? long.MaxValue;
        foreach (var read in _reads)
        {
            if (!read.IsBlocked)
                next = Math.Min(next, read.DueUsec);
        }
        return next;
    }

    private bool TakeReads()
    {
        var worked = false;
        while (_reads.Find(r => r.DueUsec <= Now && !r.IsBlocked) is { } read)
        {
            _reads.Remove(read);
            foreach (var query in read.Queries)
                Put(read.Look, read.Path, read.Directory, query);
            Looks.Add((read.Directory.Path, Now));
            if (IsMade(read.Look))
                Observer?.Answering(read.Id);
            Publisher?.Begin();
            _driver.TakeAnswer(read.Look, read.Id);
            AfterCarry();
            AfterAnswer(read.Look, read.Id);
            worked = true;
        }
        return worked;
    }

    private bool TakeScan()
    {
        if (_scan is not { } scan || scan.DueUsec > Now)
            return false;
        _scan = null;
        Engine.Scanned(scan.Number, scan.Found, Now);
        Carry();
        Engine.ScanEnded(scan.Number, Now, scan.IsComplete);
        Carry();
        return true;
    }

    private sealed record Read(Look Look, long Id, string Path, ModelDevice Directory, List<SysfsQuery> Queries, long DueUsec)
    {
        public bool IsBlocked => Queries.Exists(q => ModelSysfs.Blocks(Directory, q));
    }
}
