using System.Text;
using UeventManager.Core.Dispatch;
using UeventManager.Core.Driving;
using UeventManager.Core.Engine;
using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;
using UeventManager.Core.Snapshots;
using UeventManager.Core.Uevents;
using UeventManager.Netlink;

namespace UeventManager.Daemon.Edge;

/// <summary>Carries out the engine's commands until there are none, on the engine's thread.</summary>
internal sealed class Pipeline : IEngineEdge
{
    private readonly EngineDriver _driver;
    private readonly LookAnswerer _looks;
    private readonly Action<long> _scan;
    private readonly DaemonLog _log;
    private readonly Trace? _trace;
    private readonly IncidentPace _udevOverruns = new();
    private readonly IncidentPace _udevTooLong = new();
    private Device? _traced;
    private bool _isReconciled;
    private long _deliveredUsec;

    /// <param name="engine">The engine.</param>
    /// <param name="publisher">Sends to subscribers.</param>
    /// <param name="looks">Answers looks.</param>
    /// <param name="scan">Begins a scan.</param>
    /// <param name="log">The log.</param>
    public Pipeline(UeventEngine engine, Publisher publisher, LookAnswerer looks, Action<long> scan, DaemonLog log)
    {
        _driver = new EngineDriver(engine, this);
        (Publisher, _looks, _scan, _log) = (publisher, looks, scan, log);
        _trace = log.IsDebug ? new Trace(log) : null;
        Waiters = new Waiters(engine.Devices);
    }

    public UeventEngine Engine => _driver.Engine;

    public Publisher Publisher { get; }

    /// <summary>Called when the known state agrees with sysfs.</summary>
    public Action? Reconciled { get; set; }

    /// <summary>The waits that deliveries may fulfil.</summary>
    public Waiters Waiters { get; }

    /// <summary>The times from arrival to delivery.</summary>
    public LagHistogram Lags { get; } = new();

    /// <summary>How often udev announced devices before they were complete.</summary>
    public UdevLeads Leads { get; } = new();

    long IEngineEdge.NowUsec => Monotonic.NowUsec;

    /// <summary>
    /// Carries out the commands of the last step and of the steps that follow. Descriptions of devices are sent only after all of them.
    /// </summary>
    public void Run()
    {
        Publisher.Begin();
        _driver.CarryOut();
        End();
    }

    /// <summary>Puts other rules in force, under which other devices may be looked at.</summary>
    public void ReplaceRules(RuleSet rules)
    {
        Engine.ReplaceRules(rules, Monotonic.NowUsec);
        _looks.ForgetAll();
        Run();
    }

    /// <summary>Returns the looks whose values have been read, and looks at devices with an abandoned read that has returned.</summary>
    public void TakeReads()
    {
        while (_looks.TryTake(out var look, out var id))
        {
            _traced = _trace?.Looked(look, id);
            Publisher.Begin();
            _driver.TakeAnswer(look, id);
            End();
        }
        while (_looks.TryTakeReturned(out var devPath))
        {
            if (Engine.Devices.Find(Encoding.UTF8.GetBytes(devPath)) is not { } device)
                continue;
            Engine.ReadReturned(device, Monotonic.NowUsec);
            Run();
        }
    }

    /// <summary>
    /// Records the engine's inputs from now on. It begins as after a hand-over: looks under way are repeated, and sysfs is compared once more.
    /// </summary>
    /// <exception cref="SnapshotException">The engine cannot be recorded; nothing was changed.</exception>
    public void Record(TapeRecorder recorder)
    {
        var now = Monotonic.NowUsec;
        var rules = Engine.Rules;
        var state = Engine.Rebase(now);
        _looks.AbandonAll();
        for (var number = Publisher.Ring.First; number < Publisher.Ring.Next; number++)
            recorder.Tape.Told(Publisher.Ring[number]);
        recorder.Tape.Start(rules, state, now);
        recorder.Begin(Engine);
        Engine.Resume(now);
        Run();
    }

    /// <summary>Allocates the memory for the first storm, and cleans up after the start.</summary>
    public void TakeMemory()
    {
        // After the start the heap contains devices, which stay, and garbage. A collection now costs some milliseconds of the start; later, when the
        // first storm allocates its memory, it would delay waiting clients.
        Publisher.Ring.Reserve();
        Engine.Reserve();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
    }

    public void Overrun(long lost)
    {
        _log.Overrun(lost);
        Engine.Overrun(lost, Monotonic.NowUsec);
        Run();
    }

    /// <summary>Passes a broadcast of udevd to the engine.</summary>
    public void UdevSaid(in UdevMessage message, long nowUsec)
    {
        _trace?.Told(message);
        Engine.UdevSaid(message, nowUsec);
        Run();
    }

    /// <summary>Notes that broadcasts of udevd were lost.</summary>
    /// <param name="nowUsec">Now.</param>
    /// <param name="isOverrun">False if they were too long.</param>
    public void UdevLost(long nowUsec, bool isOverrun)
    {
        if (isOverrun && _udevOverruns.Begins(nowUsec))
            _log.UdevOverrun();
        else if (!isOverrun && _udevTooLong.Begins(nowUsec))
            _log.UdevTooLong(UeventGroup.Udev.DatagramBytes);
        Engine.UdevLost(nowUsec);
        Run();
    }

    /// <summary>Logs a uevent, if that is wanted.</summary>
    public void Trace(in Uevent uevent, bool isDevice) => _trace?.Heard(uevent, isDevice);

    bool IEngineEdge.Answer(in EngineCommand probe)
    {
        if (!_looks.Answer(probe.Device!, probe.Look!, probe.Number))
            return false;
        _traced = _trace?.Looked(probe.Look!, probe.Number);
        return true;
    }

    void IEngineEdge.Execute(in EngineCommand command)
    {
        _trace?.Commanded(command);
        switch (command.Kind)
        {
            case CommandKind.Deliver:
                Deliver(command);
                break;
            case CommandKind.Abandon:
                _looks.Abandon(command.Number);
                break;
            case CommandKind.Forget:
                _looks.Forget(command.Device!);
                break;
            case CommandKind.Scan:
                _scan(command.Number);
                break;
            case CommandKind.Gap:
                _looks.ForgetAll();
                Publisher.Gap("kernelOverrun", command.Number);
                (Waiters.IsStateKnown, _isReconciled) = (false, false);
                break;
            case CommandKind.UdevLead:
                Leads.Count(command.Device!.Subsystem, command.Number);
                break;
            case CommandKind.Reconciled:
                // After a loss in the same step, the reconciliation is still to come.
                _isReconciled = !Engine.IsReconciling;
                if (_isReconciled)
                    Publisher.Reconciled(Monotonic.NowUsec);
                break;
            case CommandKind.Report:
                _log.Report(command.Incident, new ReportedDevice(KernelText.Decode(command.Path), command.Device!.Subsystem), command.Missing, command.Rule);
                break;
        }
    }

    void IEngineEdge.Executed(IReadOnlyList<EngineCommand> commands)
    {
        _deliveredUsec = 0;
        if (Waiters.Count > 0)
            AnswerWaits(commands);
        _trace?.Judged(_traced);
        _traced = null;
    }

    // All events of one step have the same delivery time.
    private void Deliver(in EngineCommand command)
    {
        if (_deliveredUsec == 0)
        {
            _deliveredUsec = Monotonic.NowUsec;
            Publisher.RealtimeUsec = Realtime.NowUsec;
        }
        _trace?.Delivered(command.Event!, _deliveredUsec);
        Publisher.Publish(command.Event!, command.Device, _deliveredUsec);
        if (Publisher.IsOpen)
            Lags.Count(command.Event!.Subsystem, _deliveredUsec - command.Event.ArrivedUsec);
    }

    private void End()
    {
        Publisher.End();
        if (_isReconciled)
            TellReconciled();
    }

    // Waits are checked against the devices after the whole step is published.
    private void AnswerWaits(IReadOnlyList<EngineCommand> commands)
    {
        foreach (var command in commands)
        {
            if (command is { Kind: CommandKind.Deliver or CommandKind.Ended or CommandKind.Gone, Device: { } device })
                Waiters.Ended(device);
        }
    }

    // Calls that came before the first state was known are answered here, and may step the engine.
    private void TellReconciled()
    {
        _isReconciled = false;
        Waiters.IsStateKnown = true;
        Waiters.Recheck();
        Reconciled?.Invoke();
    }
}
