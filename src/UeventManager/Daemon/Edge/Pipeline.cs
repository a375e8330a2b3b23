using System.Text;
using UeventManager.Core.Dispatch;
using UeventManager.Core.Engine;
using UeventManager.Core.Rules;
using UeventManager.Core.Uevents;

namespace UeventManager.Daemon.Edge;

/// <summary>Carries out the engine's commands until there are none. On the engine's thread.</summary>
internal sealed class Pipeline(UeventEngine engine, Publisher publisher, LookAnswerer looks, Action<long> scan, DaemonLog log)
{
    private readonly Queue<EngineCommand> _probes = new();
    private readonly Trace? _trace = log.IsDebug ? new Trace(log) : null;
    private bool _isReconciled;

    public UeventEngine Engine { get; } = engine;

    public Publisher Publisher { get; } = publisher;

    /// <summary>Raised once the known state agrees with sysfs.</summary>
    public Action? Reconciled { get; set; }

    /// <summary>The waits that deliveries may answer.</summary>
    public WaitTable Waits { get; } = new(engine.Devices);

    /// <summary>How long events took.</summary>
    public LagHistogram Lags { get; } = new();

    /// <summary>
    /// Carries out what the last step wants, and what follows from it. Only behind all of it is anything told of the devices as they are: the engine
    /// has decided a whole step before its first command is carried out.
    /// </summary>
    public void Run()
    {
        Publisher.Begin();
        Carry();
        while (_probes.TryDequeue(out var probe))
        {
            // A look that was given up since it was asked for has another id, or none.
            if (probe.Look!.Id != probe.Number || !looks.Answer(probe.Device!, probe.Look, probe.Number))
                continue;
            var device = _trace?.Looked(probe.Look, probe.Number);
            Engine.Answered(probe.Look, probe.Number, Monotonic.NowUsec);
            Carry();
            _trace?.Judged(device);
        }
        Publisher.End();
        if (_isReconciled)
            TellReconciled();
    }

    /// <summary>Puts other rules in force, by which other devices are looked at.</summary>
    public void ReplaceRules(RuleSet rules)
    {
        Engine.ReplaceRules(rules, Monotonic.NowUsec);
        looks.ForgetAll();
        Run();
    }

    /// <summary>Gives back the looks whose values have been read, and looks at devices of which a read has returned that was given up.</summary>
    public void TakeReads()
    {
        while (looks.TryTake(out var look, out var id))
        {
            var device = _trace?.Looked(look, id);
            Engine.Answered(look, id, Monotonic.NowUsec);
            Run();
            _trace?.Judged(device);
        }
        while (looks.TryTakeReturned(out var devPath))
        {
            if (Engine.Devices.Find(Encoding.UTF8.GetBytes(devPath)) is not { } device)
                continue;
            Engine.ReadReturned(device, Monotonic.NowUsec);
            Run();
        }
    }

    /// <summary>Takes the memory of the first storm, and clears up after the start.</summary>
    public void TakeMemory()
    {
        // What the start leaves is the devices, which stay, and garbage. Sorted out now it costs some milliseconds of the start; later, when the
        // first storm takes its memory, it would cost those who are waited upon.
        Publisher.Ring.Reserve();
        Engine.Reserve();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
    }

    public void Overrun(long lost)
    {
        log.Overrun(lost);
        Engine.Overrun(lost, Monotonic.NowUsec);
        Run();
    }

    /// <summary>Logs a uevent, if that is wanted.</summary>
    public void Trace(in Uevent uevent, bool isDevice) => _trace?.Heard(uevent, isDevice);

    private void Carry()
    {
        var commands = Engine.Commands;
        long now = 0;
        for (var i = 0; i < commands.Count; i++)
        {
            var command = commands[i];
            _trace?.Commanded(command);
            switch (command.Kind)
            {
                case CommandKind.Deliver:
                    now = now == 0 ? Monotonic.NowUsec : now;
                    _trace?.Delivered(command.Event!, now);
                    Publisher.Publish(command.Event!, command.Device, now);
                    if (Publisher.IsOpen)
                        Lags.Count(command.Event!.Subsystem, now - command.Event.ArrivedUsec);
                    break;
                case CommandKind.Probe:
                    _probes.Enqueue(command);
                    break;
                case CommandKind.Abandon:
                    looks.Abandon(command.Number);
                    break;
                case CommandKind.Forget:
                    looks.Forget(command.Device!);
                    break;
                case CommandKind.Scan:
                    scan(command.Number);
                    break;
                case CommandKind.Gap:
                    looks.ForgetAll();
                    Publisher.Gap("kernelOverrun", command.Number);
                    (Waits.IsStateKnown, _isReconciled) = (false, false);
                    break;
                case CommandKind.Reconciled:
                    // Of a loss in the same step the reconciliation is still to come.
                    _isReconciled = !Engine.IsReconciling;
                    if (_isReconciled)
                        Publisher.Reconciled();
                    break;
                case CommandKind.Report:
                    log.Report(command.Incident, new ReportedDevice(KernelText.Decode(command.Path), command.Device!.Subsystem), command.Missing, command.Rule);
                    break;
            }
        }
        if (Waits.Count > 0)
            AnswerWaits(commands);
    }

    // What is asked for is looked up among the devices as they are when all of the step is told.
    private void AnswerWaits(IReadOnlyList<EngineCommand> commands)
    {
        foreach (var command in commands)
        {
            if (command.Kind == CommandKind.Deliver && command.Device is { } device)
                Waits.Delivered(device);
            else if (command.Kind == CommandKind.Gone)
                Waits.Gone(command.Device!);
        }
    }

    // Whoever called before the first state was known is answered here, and may have the engine step.
    private void TellReconciled()
    {
        _isReconciled = false;
        Waits.IsStateKnown = true;
        Waits.Recheck();
        Reconciled?.Invoke();
    }
}
