using BenchmarkDotNet.Attributes;
using UeventManager.Core.Dispatch;
using UeventManager.Core.Engine;
using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;
using UeventManager.Core.Uevents;

namespace UeventManager.Benchmarks.Micro;

/// <summary>What one event with nothing to wait for passes through: parse, match, step, encode.</summary>
[MemoryDiagnoser]
public class HotPath
{
    private const string Body = "\0DEVPATH=/devices/virtual/net/bd000000\0SUBSYSTEM=net\0INTERFACE=bd000000\0IFINDEX=100000\0SEQNUM=4711\0";
    private const int RulesBefore = 5;
    private readonly byte[] _add = Bytes("add");
    private readonly byte[] _change = Bytes("change", "BENCH=0000000001\0");
    private readonly RuleSet _rules = new([.. Enumerable.Range(0, RulesBefore).Select(i => RuleFor($"other{i}*", WaitingActions.Add | WaitingActions.Change)), RuleFor("*", WaitingActions.Add)]);
    private readonly LookFacts _facts = new() { DevPath = "/devices/virtual/net/bd000000", SysName = "bd000000", Property = static _ => "1" };
    private readonly UeventEngine _engine;
    private readonly Publisher _publisher;
    private readonly PendingEvent _released;
    private readonly Device? _device;

    public HotPath()
    {
        _engine = new UeventEngine(RuleSet.Empty);
        _publisher = new Publisher(_engine.Devices, 1) { IsOpen = true };
        _publisher.Subscribe(null, stateless: true, unsettled: false, null);
        StepOne(_add);
        StepOne(_change);
        var delivered = _engine.Commands.First(command => command.Kind == CommandKind.Deliver);
        (_released, _device) = (delivered.Event!, delivered.Device);
    }

    /// <summary>A datagram to its fields.</summary>
    [Benchmark]
    public bool Parse() => UeventParser.TryParse(_change, out _) == UeventRejection.None;

    /// <summary>Six rules by names and properties, of which the last is in force and lets a change pass.</summary>
    [Benchmark]
    public bool Match() => _rules.For("net").BeforeLook(_facts, WaitingActions.Change) == FirstAnswer.Pass;

    /// <summary>A change of an announced device, with a variable of its own, is parsed and stepped.</summary>
    [Benchmark]
    public int Step()
    {
        _engine.BeginWakeup();
        StepOne(_change);
        return _engine.Commands.Count;
    }

    /// <summary>Encoded once, into the ring, and offered to a subscriber.</summary>
    [Benchmark]
    public void Encode() => _publisher.Publish(_released, _device, settledUsec: 1);

    private void StepOne(byte[] datagram)
    {
        if (UeventParser.TryParse(datagram, out var uevent) == UeventRejection.None)
            _engine.Step(uevent, isDevice: true, nowUsec: 1);
    }

    private static Rule RuleFor(string which, WaitingActions on) => new()
    {
        Name = which,
        File = "",
        Line = 0,
        Subsystems = ["net"],
        On = on,
        Match = new RuleMatch { SysName = Glob.Parse("bd*"), Properties = [new("WHICH", Glob.Parse(which))] },
        Wait = [new WaitItem(new ExistsCondition("queues/tx-0"), null)],
    };

    private static byte[] Bytes(string action, string more = "") => System.Text.Encoding.UTF8.GetBytes($"{action}@/devices/virtual/net/bd000000\0ACTION={action}{Body}{more}");
}
