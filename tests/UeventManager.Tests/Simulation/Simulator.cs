using UeventManager.Core.Dispatch;
using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;
using UeventManager.Tests.Engine;
using UeventManager.Tests.Simulation.Checkers;
using UeventManager.Tests.Simulation.Model;
using UeventManager.Tests.Simulation.Scenario;

namespace UeventManager.Tests.Simulation;

/// <summary>One world from one seed: a kernel, drivers, the engine, and checkers that watch all of it.</summary>
internal sealed class Simulator : IWorldObserver
{
    private const long QuietUsec = 70_000_000;
    // Longer than any timeout of the simulation's rules.
    private const long LateUsec = 300_000;

    private readonly Profile _profile;
    private readonly Random _random;
    private readonly Timeline _timeline;
    private readonly EngineWorld _world;
    private readonly CheckedWorld _checked;
    private readonly LookBook _looks = new();
    private readonly Scenario.Scenario _scenario;
    private readonly Checker[] _checkers;
    private readonly Lives _lives;
    private readonly ModelUdevd? _udevd;
    private readonly Tapes _taped;
    private bool _racing;
    private int _left;

    public Simulator(Profile profile, int seed, bool record = false, Tapes taped = Tapes.None)
    {
        _taped = taped;
        _profile = profile;
        _timeline = new Timeline(record);
        _random = new Random(seed);
        _left = profile.Actions;
        _world = new EngineWorld(SimRule.Cached)
        {
            Batch = new[] { 1, 2, 5, 64 }[_random.Next(4)],
            ReadUsec = new[] { 5, 50, 700 }[_random.Next(3)],
            ScanUsec = _random.Next(5_000),
            DropsWhenCongested = true,
            IsBusy = profile.Busy,
            MoreQueued = seed % 5,
            Observer = this,
        };
        _world.Buses.Add(ModelKeys.Bus);
        _checked = new CheckedWorld(_world, new ModelKernel(_world, _timeline), _looks);
        _lives = new Lives(_world.Engine);
        if (profile.Udev)
            _udevd = _checked.Kernel.Udevd = new ModelUdevd(_world, _timeline, new Random(seed), (UdevdHearing)(seed % 3));
        _scenario = new Scenario.Scenario(_checked, profile, _timeline, _random);
        _checkers =
        [
            new CompleteChecker(_checked), new LifeChecker(_checked), new OrderChecker(_checked), new StateChecker(_checked),
            new LivenessChecker(_checked), new FinalStateChecker(_checked), new FreshChecker(_checked),
            .. profile.Replicas ? [new ReplicaChecker(_checked, _world.Publisher = new Publisher(_world.Engine.Devices, 7) { IsOpen = true }, seed)] : Array.Empty<Checker>(),
            .. _udevd is not null ? [new UdevChecker(_checked, _udevd)] : Array.Empty<Checker>(),
            .. profile.Groups ? [new GroupChecker(_checked), new GroupLivenessChecker(_checked)] : Array.Empty<Checker>(),
        ];
        if (taped == Tapes.FromTheBeginning)
            _world.BeginTapeAnew();
    }

    /// <summary>How often each transition was made, each rule of each checker was asked, and each counter of the engine counted.</summary>
    public IEnumerable<(string What, long Count)> Exercised =>
    [
        .. _lives.Seen.Select(t => (t.Key, t.Value)),
        .. _checkers.SelectMany(c => c.Checks.Select(rule => ($"{c.GetType().Name}.{rule.Key}", rule.Value))),
        .. _world.Engine.Counters.All().Select(c => ($"counter {c.Key}", c.Value)),
        ("drained by count", _world.DrainsByCount),
        ("entries left to another device", _udevd?.Leftovers ?? 0),
        ("workers of udevd's that failed", _udevd?.Failures ?? 0),
    ];

    /// <summary>Events that were delivered.</summary>
    public int Events => _world.Seen.Count;

    /// <summary>Devices that went before anybody was told of them.</summary>
    public long Races => _checked.Kernel.Races;

    /// <summary>Of those, they that went right behind a look, before its drain.</summary>
    public long RacesBehindLooks { get; private set; }

    /// <summary>Devices that came with what another was announced with.</summary>
    public long Conflicts => _world.Engine.Counters.Conflicts;

    /// <summary>The world, for who asks what was recorded of it.</summary>
    public EngineWorld World => _world;

    /// <summary>What happened, for people.</summary>
    public string Story => _timeline.ToString();

    /// <summary>Lets everything happen, then waits until nothing does.</summary>
    /// <exception cref="SimulationException">A guarantee does not hold.</exception>
    public void Run()
    {
        if (_profile.Groups)
            _scenario.Begin();
        ActAll();
        if (_profile.Late > 0)
        {
            Let(LateUsec);
            _left = _profile.Late;
            ActAll();
        }
        Let(QuietUsec);
        foreach (var checker in _checkers)
            checker.Ended();
    }

    private void ActAll()
    {
        while (_left > 0)
        {
            Act();
            var pause = _scenario.Pause();
            // Often several things happen before anybody has a chance to hear of the first.
            if (pause > 0 || _random.Next(3) == 0)
                Let(pause);
        }
    }

    public void Received(byte[] datagram)
    {
        var received = Checkers.Received.Of(datagram);
        _checked.Observe();
        _timeline.Add(_world.Now, $"engine  hears {received.Action} {received.Path} #{received.Seqnum}");
        foreach (var checker in _checkers)
            checker.Received(received);
    }

    public void Asked(Look look, string path, SysfsQuery query, in Answer answer) =>
        _looks.Tell(look, look.Instance.Inode, path, query, answer, _checked.Kernel.Sysfs);

    public void Answering(long id)
    {
        if (_looks.End(id, _world.Now) is { } look)
            _timeline.Add(_world.Now, $"look    at {look}");
    }

    // Right behind a look, before anybody has seen whether the socket is empty, is where races are lost.
    public void Answered(Look look, long id)
    {
        if (_racing || _left <= 0 || _random.Next(_profile.RaceEvery) > 0)
            return;
        _racing = true;
        var races = Races;
        for (var i = _random.Next(3); i >= 0; i--)
            Act();
        RacesBehindLooks += Races - races;
        _racing = false;
    }

    public void Delivered(SeenEvent seen)
    {
        _timeline.Add(_world.Now, $"engine  tells {seen} #{seen.Seqnum} {Together(seen)}{Missing(seen)}");
        // What the engine tells in a step of an administrator's is told as any other.
        foreach (var checker in _checkers)
            checker.Delivered(seen);
        if (!seen.Kobject)
            _checked.Subscriber.Apply(seen);
        if (_checked.InstanceOf(seen) is { } instance)
            instance.IsTold = true;
    }

    private static string Together(SeenEvent seen) =>
        seen.Group is { } group ? $"in group {group.Id} of {group.Size}{(group.IsPartial ? ", partial" : "")} " : "";

    private static string Missing(SeenEvent seen) => seen.Findings.Missing is { } missing ? $"without [{string.Join(", ", missing)}]" : "";

    private void Act()
    {
        _left--;
        // Not while a look is being answered: the daemon begins between two steps.
        if (_taped == Tapes.FromTheMiddle && !_racing && !_world.IsTaped && _left < _profile.Actions / 2 && !_world.Engine.IsReconciling)
            _world.BeginTape();
        // While a look is being answered the engine takes no other input.
        _scenario.Act(kernelOnly: _racing);
    }

    private void Let(long usec)
    {
        _world.Rested = () =>
        {
            _lives.Look();
            _checked.Observe();
            foreach (var checker in _checkers)
                checker.Rested();
        };
        _world.Run(usec);
    }
}
