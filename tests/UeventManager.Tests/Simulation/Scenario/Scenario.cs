using UeventManager.Core.Ordering;
using UeventManager.Core.Settle;
using UeventManager.Tests.Engine;
using UeventManager.Tests.Simulation.Checkers;
using UeventManager.Tests.Simulation.Model;

namespace UeventManager.Tests.Simulation.Scenario;

/// <summary>Decides, by chance alone, what happens next.</summary>
internal sealed class Scenario
{
    private const int MaxDevices = 24;
    private const int Emfile = 24;

    private readonly CheckedWorld _checked;
    private readonly EngineWorld _world;
    private readonly ModelKernel _kernel;
    private readonly Timeline _timeline;
    private readonly Random _random;
    private readonly Drivers _drivers;
    private readonly Ties _ties;
    private readonly string _letters;
    private readonly (int Weight, Action Do)[] _kernelActions;
    private int _names;
    private int _blindness;
    private readonly (int Weight, Action Do)[] _actions;

    public Scenario(CheckedWorld world, Profile profile, Timeline timeline, Random random)
    {
        (_checked, _world, _kernel, _timeline, _random) = (world, world.World, world.Kernel, timeline, random);
        _letters = profile.Letters;
        _drivers = new Drivers(_world, timeline, random);
        _ties = new Ties(_world, _kernel, _drivers, timeline, random);
        _kernelActions =
        [
            (profile.Create, Create),
            (profile.Recreate, () => OnDevice(Recreate)),
            (profile.Remove, () => OnDevice(d => _kernel.Remove(d, silently: false))),
            (profile.SilentRemove, () => OnDevice(d => _kernel.Remove(d, silently: true))),
            (profile.Move, () => OnDevice(Move)),
            (profile.Change, () => OnDevice(d => _kernel.Say("change", d))),
            (profile.Other, () => OnDevice(d => _kernel.Say(Pick("bind", "unbind", "online", "offline"), d))),
            (profile.Level, () => OnDevice(ChangeLevel)),
            (profile.Trigger, () => OnDevice(d => _kernel.Say(Pick("add", "change"), d, "SYNTH_UUID=0"))),
            (profile.Flip, () => OnDevice(_drivers.Flip)),
            (profile.Block, () => OnDevice(_drivers.Block)),
            (profile.Lose, () => _kernel.Lose(_random.Next(6))),
            (profile.Swap, Swap),
            (profile.Repeat, Repeat),
            (profile.Tie, _ties.Act),
            (profile.Blind, Blind),
        ];
        if (profile.Blind > 0)
            _world.ForgetsClass = _ => _random.Next(3) == 0;
        _actions =
        [
            .. _kernelActions,
            (profile.Reload, Reload),
            (profile.ByHand, ByHand),
            (profile.Stall, Stall),
        ];
    }

    /// <summary>What there is at start, found by a scan: in one world of three something.</summary>
    public void Begin()
    {
        if (_random.Next(3) > 0)
            return;
        _kernel.IsUnheard = true;
        for (var i = _random.Next(3); i >= 0; i--)
            _ties.Begin();
        _kernel.IsUnheard = false;
        _timeline.Add(_world.Now, "engine  starts");
        _world.Start();
    }

    /// <summary>One thing happens. While the engine is in the midst of something, only what does not need it.</summary>
    public void Act(bool kernelOnly)
    {
        var actions = kernelOnly ? _kernelActions : _actions;
        var chance = _random.Next(actions.Sum(a => a.Weight));
        foreach (var (weight, action) in actions)
        {
            if ((chance -= weight) >= 0)
                continue;
            action();
            return;
        }
    }

    /// <summary>How long until the next thing happens.</summary>
    public long Pause() => _random.Next(8) switch
    {
        0 or 1 or 2 => 0,
        3 => _random.Next(100),
        4 or 5 => _random.Next(2_000),
        6 => _random.Next(20_000),
        _ => _random.Next(120_000),
    };

    private void Create()
    {
        var all = _kernel.Sysfs.All.ToList();
        if (all.Count < MaxDevices)
            CreateAt(FreePath(all));
    }

    private void CreateAt(string path)
    {
        var device = _kernel.Create(path);
        _drivers.Probe(device);
    }

    private string FreePath(List<ModelDevice> all)
    {
        while (true)
        {
            var parent = all.Count == 0 || _random.Next(3) == 0 ? "/devices" : all[_random.Next(all.Count)].Path;
            if (parent.Count(c => c == '/') > 5)
                parent = "/devices";
            var path = $"{parent}/{_letters[_random.Next(_letters.Length)]}{_random.Next(3)}";
            if (_kernel.Sysfs.Find(path) is null && !(ModelKeys.IsOfBus(path) && all.Exists(d => d.Subsystem == ModelKeys.Bus && d.Path.EndsWith(path[path.LastIndexOf('/')..], StringComparison.Ordinal))))
                return path;
        }
    }

    private void Recreate(ModelDevice device)
    {
        _kernel.Remove(device, silently: _random.Next(4) == 0);
        CreateAt(device.Path);
    }

    // To a name that nobody had: what a swap of names below a device that nobody was told of should look like, nobody knows.
    // And not below what is younger: a parent is always older than its child.
    private void Move(ModelDevice device)
    {
        var parents = _kernel.Sysfs.All.Where(d => d.Inode < device.Inode && d.Path.Count(c => c == '/') < 6).Select(d => d.Path).Append("/devices").ToList();
        var parent = _random.Next(2) == 0 ? device.Path[..device.Path.LastIndexOf('/')] : parents[_random.Next(parents.Count)];
        // A rename mostly keeps what kind of device it is.
        var letter = _random.Next(3) > 0 ? device.Path[device.Path.LastIndexOf('/') + 1] : _letters[_random.Next(_letters.Length)];
        if (!(parent + "/").StartsWith(device.Path + "/", StringComparison.Ordinal))
            _kernel.Move(device, $"{parent}/{letter}m{++_names}");
    }

    private void ChangeLevel(ModelDevice device)
    {
        if (_random.Next(3) == 0)
            _kernel.Say("change", device, "SHOT=1");
        else
            _kernel.SetLevel(device, _random.Next(3));
    }

    // Two CPUs broadcast at once. What renames a device holds its lock, so that no other event of it overtakes the move, nor one of whoever
    // had its place; those of devices above, below and beside it do. Only a change of a device below the new place that comes before the move is
    // left out: an unknown device's change announces it, for want of anything that says otherwise.
    private void Swap()
    {
        if (_world.Queued.TakeLast(2).Select(Checkers.Received.Of).ToList() is [var first, var second]
            && ((first.Action == "move" || second.Action == "move") && Places(first).Intersect(Places(second)).Any()
                || (first.Action == "move" && second.Path.StartsWith(first.Path + "/", StringComparison.Ordinal) && !IsOfItsLife(_world.Queued.Last()))))
            return;
        _timeline.Add(_world.Now, "kernel  the last two datagrams overtake each other");
        _world.Swap();
    }

    private static bool IsOfItsLife(byte[] datagram) =>
        Checkers.Received.Of(datagram).Action is "add" or "remove" or "move" && datagram.AsSpan().IndexOf("SYNTH_UUID"u8) < 0;

    private static IEnumerable<string> Places(Checkers.Received one) => one.OldPath is { } old ? [one.Path, old] : [one.Path];

    private void Repeat()
    {
        if (_world.Queued.Count == 0)
            return;
        _timeline.Add(_world.Now, "kernel  the last datagram comes twice");
        _world.Repeat();
    }

    private void Reload()
    {
        _timeline.Add(_world.Now, "admin   reloads the rules");
        _checked.Stalls++;
        _world.ReplaceRules(SimRule.Set());
    }

    private void ByHand()
    {
        var waiting = _world.Engine.Devices.All().Where(d => d.State is DeviceState.Waiting or DeviceState.Held).ToList();
        if (waiting.Count == 0)
            return;
        var device = waiting[_random.Next(waiting.Count)];
        _timeline.Add(_world.Now, $"admin   releases {device.DevPath}");
        _checked.ByHand.Add(device.Id);
        _world.Release(device.DevPath);
    }

    private void Stall()
    {
        _timeline.Add(_world.Now, "machine sleeps");
        _world.Now += _random.Next(300_000);
        _checked.Stalls++;
    }

    // Nobody can look, or one in some looks cannot be made. A scan that begins meanwhile has holes.
    private void Blind()
    {
        var share = 1 + _random.Next(3);
        var usec = _random.Next(_random.Next(2) == 0 ? 2_000 : 400_000);
        var number = ++_blindness;
        _timeline.Add(_world.Now, $"machine makes one of {share} looks fail for {usec / 1000.0} ms");
        _world.Blind = _ => _random.Next(share) == 0 ? Emfile : 0;
        _world.BlindTo = _ => _random.Next(4 * share) == 0 ? Emfile : 0;
        _world.Hides = _ => _random.Next(4) == 0;
        _checked.SeesAgainUsec = long.MaxValue;
        _world.In(usec, () =>
        {
            if (number != _blindness)
                return;
            (_world.Blind, _world.BlindTo, _world.Hides) = (null, null, null);
            _checked.SeesAgainUsec = _world.Now + LookTimes.LongestRetryUsec;
            _timeline.Add(_world.Now, "machine can look again");
        });
    }

    private void OnDevice(Action<ModelDevice> action)
    {
        var all = _kernel.Sysfs.All.ToList();
        if (all.Count > 0)
            action(all[_random.Next(all.Count)]);
    }

    private string Pick(params string[] words) => words[_random.Next(words.Length)];
}
