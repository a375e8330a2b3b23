using System.Text;
using UeventManager.Core.Driving;
using UeventManager.Core.Engine;
using UeventManager.Core.Rules;
using UeventManager.Core.Uevents;
using UeventManager.Sysfs;
using UeventManager.Tests.Engine;
using UeventManager.Tests.Sysfs;

namespace UeventManager.Tests.Conditions;

/// <summary>One device, one rule, the engine, and a real directory tree that the real edge answers from. The clock is the test's.</summary>
internal sealed class RealLooks : IEngineEdge, IDisposable
{
    public const string DevPath = "/devices/a";

    private readonly string _devPath;
    private readonly string _subsystem;
    private readonly UeventEngine _engine;
    private readonly EngineDriver _driver;
    private readonly ValueReader _reader;
    private long _now = 1_000_000;
    private long _seqnum;

    public RealLooks(string wait)
        : this(TestRules.Of($"- name: r\n  wait:\n    - {wait}\n  timeout: 5s\n"), DevPath, "mem", "MAJOR=1\nMINOR=3\nDEVNAME=null\n")
    {
    }

    /// <param name="rules">The rules; the first that fits the device is in force.</param>
    /// <param name="devPath">The device.</param>
    /// <param name="subsystem">Its subsystem.</param>
    /// <param name="uevent">What its <c>uevent</c> file says.</param>
    public RealLooks(RuleSet rules, string devPath, string subsystem, string uevent = "")
    {
        _devPath = devPath;
        _subsystem = subsystem;
        Tree.Device(devPath, subsystem, uevent);
        _engine = new UeventEngine(rules);
        _driver = new EngineDriver(_engine, this);
        _reader = new ValueReader(new Prober(DevRoot), new UdevDatabase(Tree.Outside("udev")));
    }

    public ScratchTree Tree { get; } = new();

    public string DevRoot => Tree.Outside("dev");

    public List<SeenEvent> Seen { get; } = [];

    public IReadOnlyList<string> Missing =>
        _engine.Devices.Find(Encoding.UTF8.GetBytes(_devPath)) is { } device ? UeventEngine.MissingOf(device) : [];

    public void Add(params string[] properties) => Send("add", properties);

    public void Send(string action, params string[] properties)
    {
        var text = $"{action}@{_devPath}\0ACTION={action}\0DEVPATH={_devPath}\0SUBSYSTEM={_subsystem}\0{string.Concat(properties.Select(p => p + "\0"))}SEQNUM={++_seqnum}\0";
        Assert.Equal(UeventRejection.None, UeventParser.TryParse(Encoding.UTF8.GetBytes(text), out var uevent));
        _engine.BeginWakeup();
        _engine.Step(uevent, isDevice: true, _now);
        Carry();
    }

    public void Run(long usec)
    {
        var until = _now + usec;
        while (_engine.NextDueUsec(_now) is var due && due <= until)
        {
            _now = Math.Max(_now, due);
            _engine.BeginWakeup();
            _engine.Timer(_now);
            Carry();
        }
        _now = until;
    }

    public void Dispose() => Tree.Dispose();

    private void Carry()
    {
        _driver.CarryOut();
        while (_engine.NeedsDrain)
        {
            _engine.Drained(_engine.EndedLooks, _now);
            _driver.CarryOut();
        }
    }

    long IEngineEdge.NowUsec => _now;

    void IEngineEdge.Execute(in EngineCommand command)
    {
        if (command.Kind == CommandKind.Deliver)
            Seen.Add(SeenEvent.Of(command.Event!, command.Device, _now));
    }

    void IEngineEdge.Executed(IReadOnlyList<EngineCommand> commands)
    {
    }

    bool IEngineEdge.Answer(in EngineCommand probe)
    {
        var look = probe.Look!;
        using var directory = DeviceDirectory.TryOpen(Tree.Tree, _devPath, out _);
        look.Instance = directory?.Instance ?? default;
        var properties = (probe.Device!.Pending is { Events.Count: > 0 } wait ? wait.Events[0] : null)?.Properties ?? probe.Device.Properties;
        var identity = new DeviceIdentity(_devPath, _subsystem, properties.Text("DEVNAME"), properties.Text("MAJOR"), properties.Text("MINOR"));
        foreach (var query in look.Ask)
            look.Sheet.Put(query.Slot, directory is null ? Core.Rules.Answer.Absent : _reader.Ask(directory, identity, query));
        return true;
    }
}
