using BenchmarkDotNet.Attributes;
using UeventManager.Core.Dispatch;
using UeventManager.Core.Engine;
using UeventManager.Core.Forwarding;
using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;
using UeventManager.Core.Settle;
using UeventManager.Core.Uevents;

namespace UeventManager.Benchmarks.Micro;

/// <summary>What one event passes through: parse, match, step, with a look where a rule waits for something that is there, encode.</summary>
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
    private readonly UeventEngine _looking = new(new RuleSet([RuleFor("*", WaitingActions.Add | WaitingActions.Change) with { Match = new RuleMatch() }]));
    private readonly Publisher _publisher;
    private readonly PendingEvent _released;
    private readonly Device? _device;
    private readonly byte[] _reply = System.Text.Encoding.UTF8.GetBytes("""{"parameters":{"events":[{"cursor":"4085c61b18cdd5de-23981447","action":"change","device":{"devpath":"/devices/virtual/net/bd000000","subsystem":"net","sysname":"bd000000","parent":"/devices/virtual/net","settled":true,"rule":"net","properties":{"ACTION":"change","DEVPATH":"/devices/virtual/net/bd000000","SUBSYSTEM":"net","INTERFACE":"bd000000","IFINDEX":"100000","SEQNUM":"4711","BENCH":"0000000001"},"attributes":{"mtu":"1500"}},"seqnum":4711,"synthetic":false,"arrivedUsec":1,"settledUsec":2,"realtimeUsec":3}]},"continues":true}""");
    private readonly ForwardedEvent _said = new();
    private readonly ForwardedDevices _forwarded = new();
    private readonly ByteBuffer _cursor = new(128);
    private readonly ByteBuffer _properties = new(4096);
    private readonly UdevMessageWriter _messages = new();
    private readonly TagSet _tags = new(["settled"]);

    public HotPath()
    {
        _engine = new UeventEngine(RuleSet.Empty);
        _publisher = new Publisher(_engine.Devices, 1) { IsOpen = true };
        _publisher.Subscribe(null, stateless: true, unsettled: false, null);
        StepOne(_engine, _add);
        StepOne(_engine, _change);
        LookAt(_add);
        _looking.Drained(_looking.EndedLooks, nowUsec: 1);
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
        StepOne(_engine, _change);
        return _engine.Commands.Count;
    }

    /// <summary>The same where a rule waits for an attribute, which is there: one look, answered at once.</summary>
    [Benchmark]
    public int Look()
    {
        _looking.BeginWakeup();
        LookAt(_change);
        return _looking.Commands.Count;
    }

    /// <summary>Encoded once, into the ring, and offered to a subscriber.</summary>
    [Benchmark]
    public void Encode() => _publisher.Publish(_released, _device, settledUsec: 1);

    /// <summary>A reply with that change, read and made a message of udev's, as `forward` does.</summary>
    [Benchmark]
    public int Forward()
    {
        var reply = new ReplyReader(_reply, _cursor);
        var length = 0;
        while (reply.Next(_said) == ReplyPart.Event)
        {
            if (!_forwarded.TryGet(_said.DevPath, out var device))
                _forwarded.Put(device = _forwarded.Make(_said.DevPath));
            device.Take(_said);
            _properties.Clear();
            DeviceText.Event(_properties, _said.Action, device.Block, _said, _said.Seqnum, 1, _tags, _tags);
            if (_messages.TryWrite(_properties.Written, _tags.Bloom, out var message))
                length += message.Length;
        }
        return length;
    }

    private void LookAt(byte[] datagram)
    {
        StepOne(_looking, datagram);
        if (_looking.Commands is not [{ Look: { } look }, ..])
            throw new InvalidOperationException("the rule looks at nothing");
        look.Instance = new DeviceInstance(1, 1);
        foreach (var query in look.Ask)
            look.Sheet.Put(query.Slot, Answer.Present);
        _looking.Answered(look, look.Id, nowUsec: 1);
    }

    private static void StepOne(UeventEngine engine, byte[] datagram)
    {
        if (UeventParser.TryParse(datagram, out var uevent) == UeventRejection.None)
            engine.Step(uevent, isDevice: true, nowUsec: 1);
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
