using System.Text;
using UeventManager.Core.Driving;
using UeventManager.Core.Engine;
using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;
using UeventManager.Tests.Simulation.Model;

namespace UeventManager.Tests.Engine;

/// <summary>
/// The engine in a world whose clock stands still until a test moves it: a table for sysfs, a queue for the socket, and
/// the daemon's loop in small (receive in batches, drain, take reads, step the timer).
/// </summary>
internal sealed partial class EngineWorld
{
    private readonly PriorityQueue<Action, (long At, long Order)> _script = new();
    private readonly List<SeenEvent> _unchecked = [];
    private long _scriptOrder;

    public EngineWorld(params string[] rules) : this(TestRules.Of(rules))
    {
    }

    public EngineWorld(RuleSet rules)
    {
        _driver = new EngineDriver(new UeventEngine(rules), this);
        _drain = new DrainRule(() => IsBusy ? _socket.Count + MoreQueued : long.MaxValue / 2);
    }

    /// <summary>A world without rules in which these devices were announced.</summary>
    public static EngineWorld With(params string[] devices)
    {
        var world = new EngineWorld();
        foreach (var device in devices)
            world.Add(device);
        world.Run();
        return world;
    }

    public UeventEngine Engine => _driver.Engine;

    public ModelSysfs Sysfs { get; } = new();

    public long Now { get; set; } = 1_000_000;

    /// <summary>All that was delivered.</summary>
    public List<SeenEvent> Seen { get; } = [];

    /// <summary>What an administrator reads in the log.</summary>
    public List<string> Incidents { get; } = [];

    /// <summary>The rule of each incident.</summary>
    public List<string?> IncidentRules { get; } = [];

    /// <summary>Called once, when a look has decided an add and its drain has not been stepped.</summary>
    public Action? OnceDecided { get; set; }

    /// <summary>Called once, when the next question of a look has been answered.</summary>
    public Action? OnceLooked { get; set; }

    /// <summary>Called whenever nothing more can happen at this time.</summary>
    public Action? Rested { get; set; }

    /// <summary>Who watches, or null.</summary>
    public IWorldObserver? Observer { get; set; }

    public int Gaps { get; private set; }

    public int Reconciled { get; private set; }

    public static string Dev(string name) => name.StartsWith('/') ? name : "/devices/" + name;

    public Device Device(string name) =>
        Engine.Devices.Find(Encoding.UTF8.GetBytes(Dev(name))) ?? throw new InvalidOperationException($"{name} is not known");

    public bool Knows(string name) => Engine.Devices.Find(Encoding.UTF8.GetBytes(Dev(name))) is not null;

    public DeviceState State(string name) => Device(name).State;

    /// <summary>Does something later, when the clock gets there.</summary>
    public void At(long usec, Action action) => _script.Enqueue(action, (usec, ++_scriptOrder));

    public void In(long usec, Action action) => At(Now + usec, action);

    /// <summary>Everything that can happen without the clock moving.</summary>
    public void Run()
    {
        for (var turns = 0; Turn(); turns++)
            Assert.True(turns < 10_000, "the engine never comes to rest");
        Rested?.Invoke();
    }

    /// <summary>Moves the clock, stopping wherever something is due.</summary>
    public void Run(long usec)
    {
        var until = Now + usec;
        Run();
        while (NextUsec() is var next && next <= until)
        {
            Now = Math.Max(Now, next);
            while (_script.TryPeek(out var action, out var due) && due.At <= Now)
            {
                _script.Dequeue();
                action();
            }
            Run();
        }
        Now = until;
    }

    /// <summary>What has been delivered since the last call is exactly this.</summary>
    public void Sees(params string[] expected)
    {
        var seen = _unchecked.Select(e => e.ToString()).ToArray();
        _unchecked.Clear();
        Assert.Equal(expected, seen);
    }

    /// <summary>The last delivered event.</summary>
    public SeenEvent Last => Seen[^1];

    private long NextUsec()
    {
        var next = Math.Min(Engine.NextDueUsec(Now), NextReadUsec());
        return _script.TryPeek(out _, out var due) ? Math.Min(next, due.At) : next;
    }

    // As the daemon's loop turns once. True if there may be more to do at this time.
    private bool Turn()
    {
        Engine.BeginWakeup();
        var worked = Receive(always: false);
        worked |= ReceiveUdev();
        worked |= TakeReads();
        worked |= TakeScan();
        if (Engine.NextDueUsec(Now) <= Now)
        {
            Engine.Timer(Now);
            Carry();
            worked = true;
        }
        if (Engine.NeedsDrain)
            worked |= Receive(always: true);
        return worked;
    }

    private void Record(PendingEvent pending, Device? device)
    {
        Publisher?.Publish(pending, device, Now);
        var seen = SeenEvent.Of(pending, device, Now);
        Observer?.Delivered(seen);
        Seen.Add(seen);
        _unchecked.Add(seen);
        if (device is not null)
            Waiters.Ended(device);
    }
}
