using System.Text;
using UeventManager.Core.Dispatch;
using UeventManager.Core.Rules;
using UeventManager.Daemon.Edge;
using UeventManager.Daemon.Names;
using UeventManager.Daemon.Services;
using UeventManager.Daemon.Start;
using UeventManager.Netlink;
using UeventManager.Sysfs;
using UeventManager.Varlink;

namespace UeventManager.Daemon.Loop;

/// <summary>
/// The one thread that does it all: polls netlink, the sockets and the wake event, steps the engine, and
/// sends. Nothing else touches the pipeline's state.
/// </summary>
internal sealed class EngineLoop : IDisposable
{
    // Batches received before everything else gets its turn, subscribers that have read what they had among it: some five hundred events.
    private const int BatchesPerWakeup = 8;
    // At the end: a storm is not waited for. What is left of it after sixteen thousand events counts as missed.
    private const int LastReceives = 32;
    private const long LastFlushUsec = 1_000_000;
    // Room for what the kernel queues unseen while subscribers are waited for: a million events a second.
    private const int PauseBytes = 8 << 20;
    private readonly EventFd _wake = new();
    private readonly UeventSocket _socket;
    private readonly SysfsTree _tree;
    private readonly LookAnswerer _looks;
    private readonly Scanner _scanner;
    private readonly KernelInput _kernel;
    private readonly Publisher _publisher;
    private readonly Subscriptions _subscriptions;
    private readonly DevicesService _devices;
    private readonly WaitService _waits;
    private readonly MetricsService _metrics;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly DaemonLog _log;
    private readonly long _startedUsec = Monotonic.NowUsec;
    private readonly SeqnumFile _seqnum;
    private readonly Mailbox _mailbox;
    private readonly StateHandover _handover;
    private readonly Watchdog? _watchdog;
    private readonly Thread _thread;
    private bool _netlinkReady = true;
    private bool _isWoken = true;
    private bool _isPaused;
    private long _nextSweepUsec;
    private volatile bool _stopping;

    public EngineLoop(UeventSocket socket, SysfsTree tree, RuleSet rules, DaemonOptions options, DaemonLog log, ServiceContext? service, StateHandover handover)
    {
        (_socket, _tree, _log, _handover) = (socket, tree, log, handover);
        _mailbox = new Mailbox(_wake.Signal);
        Poller.Add(_wake.Descriptor, PollEvents.Readable, _ => WokenUp());
        _seqnum = new SeqnumFile(options.Sysfs);
        // The socket is open: what the kernel numbers from now on is heard.
        (var engine, _publisher) = _handover.Begin(rules, PipelineStart.PlaceOf(socket, tree), new ListeningPlace(socket.Cookie, _seqnum.Read()));
        _looks = new LookAnswerer(tree, options, _wake.Signal);
        var subsystems = new SubsystemDirectory(tree);
        engine.ForEachSubsystem((name, isBus) => subsystems.Remember(Encoding.UTF8.GetBytes(name), isBus));
        _scanner = new Scanner(tree, subsystems, log, _wake.Signal);
        Pipeline = new Pipeline(engine, _publisher, _looks, _scanner.Begin, log) { Reconciled = OnReconciled };
        _kernel = new KernelInput(socket, new EventJudge(tree, subsystems, engine.Devices), Pipeline, _handover.IsRestored ? _handover.Drops : null);
        _subscriptions = new Subscriptions(_publisher);
        var status = new StatusWriter(Pipeline, _subscriptions, _kernel, _looks, _startedUsec);
        var finder = new DeviceFinder(engine.Devices, tree, options);
        _devices = new DevicesService(Pipeline, _subscriptions, finder, status);
        _waits = new WaitService(Pipeline, _kernel, finder, _seqnum);
        Reload = new RuleReload(options, log, Pipeline, Post) { Notifier = service?.Notifier, StatusLine = status.Line };
        Dispatcher = new VarlinkDispatcher(new VarlinkServiceInfo("UeventManager", "uevent-manager", StatusWriter.Version, "")) { IsPrivileged = ControlAccess.IsGranted };
        Dispatcher.Turns.Failed = new ServingFailures(log).Take;
        _devices.Register(Dispatcher);
        if (service is { Notifier: { } notifier, WatchdogUsec: > 0 })
            _watchdog = new Watchdog(notifier, service.WatchdogUsec, () => status.Line());
        (Status, status.Turns) = (status, Dispatcher.Turns);
        _waits.Register(Dispatcher, _devices);
        new ExplainService(Pipeline, finder, tree).Register(Dispatcher, _devices);
        _metrics = new MetricsService(Pipeline, _kernel, _looks, status, _startedUsec);
        _metrics.Register(Dispatcher, _devices);
        new ControlService(Pipeline, finder, Reload, log, Post).Register(Dispatcher, _devices);
        Poller.Add(socket.Descriptor, PollEvents.Readable, _ => _netlinkReady = true);
        _thread = new Thread(Run) { Name = "engine", IsBackground = true };
    }

    public Pipeline Pipeline { get; }

    public StatusWriter Status { get; }

    public VarlinkDispatcher Dispatcher { get; }

    /// <summary>Reads the rules again.</summary>
    public RuleReload Reload { get; }

    /// <summary>The poller; only before <see cref="Start"/> and on the engine's thread.</summary>
    public Poller Poller { get; } = new();

    /// <summary>Ends when every existing device has been looked at; fails if the engine does.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Whose connections are looked after now and then.</summary>
    public VarlinkListener? Listener { get; set; }

    /// <summary>Called on the engine's thread when it ends, before its sockets are closed.</summary>
    public Action? Ending { get; set; }

    /// <summary>Called if the engine ends by an error of our own.</summary>
    public Action<Exception>? Failed { get; set; }

    public void Start() => _thread.Start();

    /// <summary>Does something on the engine's thread.</summary>
    public void Post(Action request) => _mailbox.Post(request);

    /// <summary>Ends the thread and waits for it; not for reads that hang.</summary>
    public void Stop()
    {
        _stopping = true;
        Reload.End();
        _wake.Signal();
        if (_thread.IsAlive && Thread.CurrentThread != _thread)
            _thread.Join();
    }

    public void Dispose()
    {
        Stop();
        _scanner.Dispose();
        _looks.Dispose();
        _wake.Dispose();
        _socket.Dispose();
        _tree.Dispose();
        _metrics.Dispose();
        Poller.Dispose();
    }

    private void Run()
    {
        Guard(RunToTheEnd);
        Guard(Ending);
    }

    private void RunToTheEnd()
    {
        _handover.IsUsed();
        Epoll.BePrecise();
        if (_handover.IsRestored)
            Pipeline.Engine.Resume(Monotonic.NowUsec);
        else
            Pipeline.Engine.Reconcile();
        Pipeline.Run();
        while (!_stopping)
            Turn();
        HandOver();
    }

    private void Guard(Action? work)
    {
        try
        {
            work?.Invoke();
        }
        catch (Exception e)
        {
            // A bug of ours: whoever supervises us starts us anew, which is better than going on with a wrong state.
            _log.EngineFailed(e);
            Failed?.Invoke(e);
            _ready.TrySetException(e);
        }
    }

    // What the kernel has sent until now is this run's, as far as it comes at once.
    private void HandOver()
    {
        var seqnum = ReceiveTheRest();
        _subscriptions.Flush(LastFlushUsec);
        _handover.Save(Pipeline.Engine, _publisher, _kernel.Drops, new ListeningPlace(_socket.Cookie, seqnum));
    }

    // The number up to which everything was heard: one that stood still while the queue was read empty.
    private long ReceiveTheRest()
    {
        for (var i = 0; i < LastReceives; i++)
        {
            var seqnum = _seqnum.Read();
            Receive(always: true);
            if (!_netlinkReady && _seqnum.Read() == seqnum)
                return seqnum;
        }
        return SeqnumFile.Unknown;
    }

    private void Turn()
    {
        var engine = Pipeline.Engine;
        engine.BeginWakeup();
        // While clients keep the loop going round, the kernel's socket is not always among those that are reported.
        _netlinkReady |= Dispatcher.Turns.HasWork || _subscriptions.IsBusy;
        Receive();
        // Readers, the scan and other threads wake this one when they have something.
        var woken = _isWoken;
        _isWoken = false;
        if (woken)
        {
            Pipeline.TakeReads();
            _scanner.Take(Pipeline);
        }
        var now = Monotonic.NowUsec;
        if (engine.NextDueUsec(now) <= now)
        {
            engine.Timer(now);
            Pipeline.Run();
        }
        if (woken)
            _mailbox.Take();
        if (engine.NeedsDrain)
            Receive(always: true);
        _subscriptions.Flush();
        Dispatcher.Turns.Run();
        _subscriptions.Flush();
        now = Monotonic.NowUsec;
        _waits.Turn(now);
        _watchdog?.Turn(now);
        var sweeps = Listener is { NeedsSweep: true };
        if (sweeps && now >= _nextSweepUsec)
        {
            _nextSweepUsec = now + Listener!.SweepUsec;
            Listener.Sweep(now);
        }
        var due = Math.Min(engine.NextDueUsec(now), _waits.NextDueUsec);
        var busy = Dispatcher.Turns.HasWork || _subscriptions.IsBusy || (!_isPaused && (_netlinkReady || engine.NeedsDrain)) || due <= now;
        due = Math.Min(due, _isPaused ? now + Pace.OnceUsec : long.MaxValue);
        due = Math.Min(Math.Min(due, sweeps ? _nextSweepUsec : long.MaxValue), _watchdog?.NextUsec ?? long.MaxValue);
        Poller.Wait(busy ? 0 : due == long.MaxValue ? -1 : Math.Max(0, due - Monotonic.NowUsec));
    }

    // What a batch decided needs one more receive, which usually finds nothing: so a lone event pays one empty receive.
    private void Receive(bool always = false)
    {
        if ((!_netlinkReady && !always) || Pauses())
            return;
        _netlinkReady = false;
        for (var i = 0; i < BatchesPerWakeup; i++)
        {
            // What it brought is on its way before anything else is done.
            _kernel.BeginBatch();
            _subscriptions.Flush();
            var more = _kernel.EndBatch();
            _subscriptions.Flush();
            if (!more && !Pipeline.Engine.NeedsDrain)
                return;
            if (Pauses())
                return;
        }
        _netlinkReady = true;
    }

    // Events that a subscriber would lose stay with the kernel, as long as it has room for as many again.
    private bool Pauses()
    {
        if (!_isPaused && !_publisher.Pace.MayWait)
            return false;
        var now = Monotonic.NowUsec;
        var pauses = !_stopping && _publisher.Pace.ShouldWait(now);
        if (pauses && (_waits.HasCallers || !_kernel.HasRoom(PauseBytes)))
        {
            _publisher.Pace.GoOn(now);
            pauses = false;
        }
        if (pauses == _isPaused)
            return pauses;
        _isPaused = pauses;
        // Level-triggered: what stays with the kernel would wake us again and again.
        Poller.Change(_socket.Descriptor, pauses ? PollEvents.None : PollEvents.Readable);
        _netlinkReady = true;
        return pauses;
    }

    private void WokenUp()
    {
        _wake.Clear();
        _isWoken = true;
    }

    private void OnReconciled()
    {
        if (_ready.Task.IsCompleted)
            return;
        Pipeline.TakeMemory();
        _ready.TrySetResult();
        _publisher.IsOpen = true;
        var devices = Pipeline.Engine.Devices;
        var waiting = devices.All().Count(d => d.State == Core.Ordering.DeviceState.Waiting);
        _log.Ready(Trace.Milliseconds(Monotonic.NowUsec - _startedUsec), devices.Count - waiting, waiting, Pipeline.Engine.Rules.Rules.Count);
        _devices.Ready();
    }
}
