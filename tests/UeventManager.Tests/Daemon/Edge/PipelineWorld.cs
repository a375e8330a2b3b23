using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using UeventManager.Core.Dispatch;
using UeventManager.Core.Engine;
using UeventManager.Core.Reconcile;
using UeventManager.Core.Rules;
using UeventManager.Core.Uevents;
using UeventManager.Daemon;
using UeventManager.Daemon.Edge;
using UeventManager.Tests.Dispatch;
using UeventManager.Tests.Sysfs;

namespace UeventManager.Tests.Daemon.Edge;

/// <summary>The daemon's pipeline over a real directory tree, with its real readers; the datagrams are the test's.</summary>
internal sealed class PipelineWorld : IDisposable
{
    private readonly AutoResetEvent _wake = new(false);
    private readonly LookAnswerer _looks;
    private readonly List<string> _seen = [];
    private SubscriberStream? _stream;
    private long _seqnum;
    private long _scan;

    public PipelineWorld(RuleSet rules)
    {
        var engine = new UeventEngine(rules);
        _looks = new LookAnswerer(Tree.Tree, new DaemonOptions { Sysfs = Tree.Root, UdevDb = Tree.Outside("udev") }, () => _wake.Set());
        Pipeline = new Pipeline(engine, new Publisher(engine.Devices, 7) { IsOpen = true }, _looks, scan => _scan = scan, new DaemonLog(NullLogger.Instance));
    }

    public ScratchTree Tree { get; } = new();

    public Pipeline Pipeline { get; }

    /// <summary>The devices that it got at its begin.</summary>
    public IReadOnlyList<string> State { get; private set; } = [];

    /// <summary>What a subscriber without a filter has got since it began.</summary>
    public IReadOnlyList<string> Seen
    {
        get
        {
            _seen.AddRange(StreamWorld.Events(_stream!));
            return _seen;
        }
    }

    /// <summary>Steps what a scan has found, from its begin to its end.</summary>
    public void Scan(params string[] found)
    {
        Pipeline.Engine.Scanned(_scan, [.. found.Select(path => new ScannedDevice(Encoding.UTF8.GetBytes(path), "net", default, []))], Monotonic.NowUsec);
        Pipeline.Run();
        Pipeline.Engine.ScanEnded(_scan, Monotonic.NowUsec);
        Pipeline.Run();
    }

    public void Subscribe() => State = [.. StreamWorld.Read(_stream = Pipeline.Publisher.Subscribe(null, false, false, null))
        .SelectMany(reply => reply.GetProperty("state").EnumerateArray()).Select(device => device.GetProperty("sysname").GetString()!)];

    public void Uevent(string action, string path, string subsystem, params string[] properties)
    {
        var text = $"{action}@{path}\0ACTION={action}\0DEVPATH={path}\0SUBSYSTEM={subsystem}\0{string.Concat(properties.Select(p => p + "\0"))}SEQNUM={++_seqnum}\0";
        Assert.Equal(UeventRejection.None, UeventParser.TryParse(Encoding.UTF8.GetBytes(text), out var uevent));
        Pipeline.Engine.BeginWakeup();
        Pipeline.Engine.Step(uevent, isDevice: true, Monotonic.NowUsec);
        Pipeline.Run();
        Drain();
    }

    public void Move(string from, string to, string subsystem)
    {
        Directory.Move(Tree.Inside(from), Tree.Inside(to));
        Uevent("move", to, subsystem, $"DEVPATH_OLD={from}");
    }

    /// <summary>Turns as the daemon's loop does until something holds.</summary>
    public void Until(Func<bool> holds)
    {
        for (var deadline = Environment.TickCount64 + 60_000; !holds(); Assert.True(Environment.TickCount64 < deadline, "it never came to that"))
        {
            _wake.WaitOne(1);
            Pipeline.Engine.BeginWakeup();
            Pipeline.TakeReads();
            Pipeline.Engine.Timer(Monotonic.NowUsec);
            Pipeline.Run();
            Drain();
        }
    }

    public void Dispose()
    {
        _looks.Dispose();
        Tree.Dispose();
        _wake.Dispose();
    }

    private void Drain()
    {
        if (!Pipeline.Engine.NeedsDrain)
            return;
        Pipeline.Engine.Drained(Pipeline.Engine.EndedLooks, Monotonic.NowUsec);
        Pipeline.Run();
    }
}
