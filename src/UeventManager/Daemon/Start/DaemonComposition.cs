using System.Globalization;
using System.Net.Sockets;
using System.Text;
using UeventManager.Core.Rules;
using UeventManager.Daemon.Edge;
using UeventManager.Daemon.Loop;
using UeventManager.Daemon.Names;
using UeventManager.Daemon.Services;
using UeventManager.Handover;
using UeventManager.Netlink;
using UeventManager.Sysfs;
using UeventManager.Varlink;

namespace UeventManager.Daemon.Start;

/// <summary>
/// The whole pipeline with its services. This class creates, wires and owns all parts of the daemon, and of <see cref="Standalone"/>, which has no
/// listener.
/// </summary>
internal sealed class DaemonComposition : IDisposable
{
    private readonly UeventSocket _socket;
    private readonly UeventSocket? _udevSocket;
    private readonly Poller _poller = new();
    private readonly EventFd _wake = new();
    private readonly LookAnswerer _looks;
    private readonly ConditionReaders _conditions;
    private readonly Scanner _scanner;
    private readonly MetricsService _metrics;
    private readonly VarlinkDispatcher _dispatcher;

    /// <summary>Wires the parts; nothing runs before <see cref="EngineLoop.Start"/>.</summary>
    /// <param name="socket">The kernel's socket, already open, so that no uevent from now on is missed. Disposed with this object.</param>
    /// <param name="udevSocket">The socket for udevd's broadcasts, if there is one. Disposed with this object.</param>
    /// <param name="tree">sysfs. Left to the finalizer: a scan or read that hangs at the end still uses it when it returns.</param>
    /// <param name="rules">The first rules.</param>
    /// <param name="options">The options.</param>
    /// <param name="log">The log.</param>
    /// <param name="handover">The previous run's hand-over.</param>
    /// <param name="service">The service manager, if there is one.</param>
    /// <param name="subscribers">The socket for clients, if there is one.</param>
    public DaemonComposition(
        UeventSocket socket, UeventSocket? udevSocket, SysfsTree tree, RuleSet rules, DaemonOptions options, DaemonLog log, StateHandover handover, ServiceContext? service = null, SubscriberSocket? subscribers = null)
    {
        var startedUsec = Monotonic.NowUsec;
        (_socket, _udevSocket) = (socket, udevSocket);
        var mailbox = new Mailbox(_wake.Signal);
        var seqnum = new SeqnumFile(options.Sysfs);

        var (engine, publisher) = handover.Begin(rules, PlaceOf(socket, tree), new ListeningPlace(socket.Cookie, seqnum.Read(), udevSocket?.Cookie ?? 0));
        _looks = new LookAnswerer(tree, options, _wake.Signal);
        _conditions = new ConditionReaders(tree, options, _wake.Signal);
        var subsystems = new SubsystemDirectory(tree);
        engine.ForEachSubsystem((name, isBus) => subsystems.Remember(Encoding.UTF8.GetBytes(name), isBus));
        _scanner = new Scanner(tree, subsystems, log, _wake.Signal);
        var pipeline = new Pipeline(engine, publisher, _looks, _scanner.Begin, log);
        var kernel = new KernelInput(socket, new EventJudge(tree, subsystems, engine.Devices), pipeline, handover.IsRestored ? handover.Drops : null);
        var udev = udevSocket is null ? null : new UdevInput(udevSocket, kernel, pipeline);

        _dispatcher = new VarlinkDispatcher(new VarlinkServiceInfo("UeventManager", "uevent-manager", StatusWriter.Version, "")) { IsPrivileged = ControlAccess.IsGranted };
        _dispatcher.Turns.Failed = new ServingFailures(log).Take;
        var listener = subscribers is null ? null : Listen(subscribers, options, log);
        var subscriptions = new Subscriptions(publisher);
        var status = new StatusWriter(pipeline, subscriptions, kernel, _looks, startedUsec) { Turns = _dispatcher.Turns, Listener = listener, Udev = udev };
        Reload = new RuleReload(options, log, pipeline, mailbox.Post) { Notifier = service?.Notifier, StatusLine = status.Line };
        Status = status;

        var gate = new ReadyGate();
        var names = new DeviceNames(tree, options);
        var waits = new WaitService(pipeline, kernel, names, seqnum, _conditions);
        _metrics = new MetricsService(pipeline, kernel, _looks, status, startedUsec);
        new DevicesService(pipeline, subscriptions, names, status).Register(_dispatcher, gate);
        waits.Register(_dispatcher, gate);
        new ExplainService(pipeline, names, tree).Register(_dispatcher, gate);
        _metrics.Register(_dispatcher, gate);
        new ControlService(pipeline, names, Reload, log, mailbox.Post).Register(_dispatcher, gate);
        var recordings = new RecordService(pipeline, log, mailbox.Post);
        recordings.Register(_dispatcher, gate);

        Loop = new EngineLoop(new LoopParts
        {
            Poller = _poller,
            Wake = _wake,
            Mailbox = mailbox,
            Socket = socket,
            Kernel = kernel,
            Udev = udev,
            Pipeline = pipeline,
            Scanner = _scanner,
            Subscriptions = subscriptions,
            Waits = waits,
            Recordings = recordings,
            Turns = _dispatcher.Turns,
            Gate = gate,
            Handover = handover,
            Seqnum = seqnum,
            Log = log,
            StartedUsec = startedUsec,
            Listener = listener,
            Watchdog = service is { Notifier: { } notifier, WatchdogUsec: > 0 } ? new Watchdog(notifier, service.WatchdogUsec, status.Line) : null,
        });
    }

    /// <summary>The engine's thread.</summary>
    public EngineLoop Loop { get; }

    /// <summary>Reads the rules again.</summary>
    public RuleReload Reload { get; }

    /// <summary>Writes the status; on the engine's thread.</summary>
    public StatusWriter Status { get; }

    /// <summary>Serves one more connection; call it before <see cref="EngineLoop.Start"/>.</summary>
    public void Serve(Socket connected) => _ = new VarlinkConnection(connected, _poller, _dispatcher, new VarlinkLimits(), _ => { });

    /// <summary>Ends the thread and waits for it, but not for hanging reads.</summary>
    public void Stop()
    {
        Reload.End();
        Loop.Stop();
    }

    public void Dispose()
    {
        Stop();
        _scanner.Dispose();
        _looks.Dispose();
        _conditions.Dispose();
        _wake.Dispose();
        _socket.Dispose();
        _udevSocket?.Dispose();
        _metrics.Dispose();
        _poller.Dispose();
    }

    // The identity of the devices: a hand-over is valid only for the same ones.
    private static HandoverPlace PlaceOf(UeventSocket socket, SysfsTree tree) =>
        HandoverPlace.Here(socket.NamespaceCookie?.ToString(CultureInfo.InvariantCulture) ?? NetworkNamespace(), tree.Identity);

    // Before Linux 5.14 a namespace has no cookie, only an inode, which a later namespace may reuse.
    private static string NetworkNamespace() => new FileInfo("/proc/self/ns/net").LinkTarget ?? "unknown";

    private VarlinkListener Listen(SubscriberSocket subscribers, DaemonOptions options, DaemonLog log)
    {
        var limits = ClientLimits.Of(options);
        return new VarlinkListener(subscribers.Socket, subscribers.File, _poller, _dispatcher, limits)
        {
            Overdrawn = new BudgetLog(log).Take,
            Stalled = peer => log.Stalled(peer.Pid, peer.Uid, limits.StallUsec / 1e6),
            FileStays = log.SocketFileStays,
        };
    }
}
