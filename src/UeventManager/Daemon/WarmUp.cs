using System.Text;
using UeventManager.Core.Dispatch;
using UeventManager.Core.Engine;
using UeventManager.Core.Rules;
using UeventManager.Core.Uevents;
using UeventManager.Sysfs;
using UeventManager.Varlink;

namespace UeventManager.Daemon;

/// <summary>
/// Runs events of a made-up device through a pipeline of its own, before the real one begins: the first real event would
/// otherwise wait some milliseconds for code to be bound and compiled. Nothing of it is seen by anybody.
/// </summary>
internal sealed class WarmUp : IDisposable
{
    private const int Rounds = 40;
    private static readonly byte[] Subscribe = [.. """{"method":"org.ueventmanager.Devices.Subscribe","more":true}"""u8, 0];
    private readonly Poller _poller = new();
    private readonly LookAnswerer _looks;
    private readonly Publisher _publisher;
    private readonly Pipeline _pipeline;
    private readonly Subscriptions _subscriptions;
    private readonly VarlinkDispatcher _dispatcher;
    private readonly AutoResetEvent _read = new(false);

    private WarmUp(SysfsTree tree, DaemonOptions options, DaemonLog log)
    {
        var engine = new UeventEngine(new RuleSet([Rule]));
        _looks = new LookAnswerer(tree, options, () => _read.Set());
        _publisher = new Publisher(engine.Devices, 0) { IsOpen = true };
        _pipeline = new Pipeline(engine, _publisher, _looks, _ => { }, log);
        _subscriptions = new Subscriptions(_publisher);
        _dispatcher = new VarlinkDispatcher(new VarlinkServiceInfo("", "", "", ""));
        var service = new DevicesService(_pipeline, _subscriptions, new DeviceFinder(engine.Devices, tree, options), null);
        service.Register(_dispatcher);
        service.Ready();
    }

    private static Rule Rule => new()
    {
        Name = "warm-up",
        File = "",
        Line = 0,
        Subsystems = ["warm-up"],
        Wait =
        [
            new WaitItem(new AbsentCondition("none"), null),
            new WaitItem(new NotCondition(new LinkCondition("none", null)), null),
            new WaitItem(new NotCondition(new AttributeCondition("none", new ValueTest { NotEmpty = true })), null),
        ],
        Attach = new Attachments(["none"], ["none"], []),
    };

    /// <summary>Does it.</summary>
    public static void Run(SysfsTree tree, DaemonOptions options, DaemonLog log)
    {
        using var warm = new WarmUp(tree, options, log);
        warm.Run();
    }

    public void Dispose()
    {
        _looks.Dispose();
        _poller.Dispose();
        _read.Dispose();
    }

    private void Run()
    {
        var (ours, theirs) = SocketPair.Make();
        using (theirs)
        {
            var connection = new VarlinkConnection(ours, _poller, _dispatcher, new VarlinkLimits(), _ => { });
            theirs.Send(Subscribe);
            _poller.Wait(block: true);
            for (var i = 0; i < Rounds; i++)
            {
                Step(i % 4 == 3 ? "remove" : i % 2 == 0 ? "add" : "change", i % 8 < 4 ? "warm-up" : "plain");
                _subscriptions.Flush();
            }
            connection.Close();
        }
    }

    private void Step(string action, string subsystem)
    {
        var datagram = Encoding.UTF8.GetBytes($"{action}@/devices/virtual\0ACTION={action}\0DEVPATH=/devices/virtual\0SUBSYSTEM={subsystem}\0SEQNUM=0\0");
        if (UeventParser.TryParse(datagram, out var uevent) != UeventRejection.None)
            return;
        var engine = _pipeline.Engine;
        engine.BeginWakeup();
        engine.Step(uevent, isDevice: true, Monotonic.NowUsec);
        _pipeline.Run();
        // A tree without that directory, or a reader that hangs, costs the warm-up some of its use and nothing else.
        if (_read.WaitOne(subsystem == "warm-up" ? 2 : 0))
            _pipeline.TakeReads();
        engine.Timer(Monotonic.NowUsec);
        _pipeline.Run();
        engine.Drained(engine.EndedLooks, Monotonic.NowUsec);
        _pipeline.Run();
    }
}
