using UeventManager.Core.Dispatch;
using UeventManager.Core.Rules;
using UeventManager.Tests.Dispatch;

namespace UeventManager.Tests.Simulation.Checkers;

/// <summary>
/// G3, G6 and G7 for whoever does not see everything: who applies what he is told, and nothing else, knows at every moment what List says with the
/// same filter; also who was away and came back with his cursor, and who came when the state was just known.
/// </summary>
internal sealed class ReplicaChecker : Checker
{
    private const int MaxLate = 4;

    private readonly Publisher _publisher;
    private readonly Random _random;
    private readonly List<Follower> _followers = [];
    private long _news;

    public ReplicaChecker(CheckedWorld world, Publisher publisher, int seed) : base(world)
    {
        (_publisher, _random) = (publisher, new Random(seed));
        foreach (var (name, filter) in Filters())
            Begin(name, filter);
        var late = 0;
        world.World.WhenReconciled = () =>
        {
            if (++late <= MaxLate)
                Begin($"whoever came at reconciliation {late}", null);
        };
    }

    public override void Rested()
    {
        foreach (var follower in _followers)
            ComeOrGo(follower, _random.Next(follower.Stream is null ? 6 : 30) == 0);
        Compare();
    }

    public override void Ended()
    {
        _followers.ForEach(follower => ComeOrGo(follower, follower.Stream is null));
        _news = -1;
        Compare();
        Require(_followers.TrueForAll(follower => follower.Replica.IsWhole), "somebody waits for the state for ever");
    }

    private static IEnumerable<(string Name, DeviceFilter? Filter)> Filters()
    {
        yield return ("all", null);
        yield return ("subsystem", new DeviceFilter { Subsystems = [Glob.Parse("acme")] });
        yield return ("not the subsystem", new DeviceFilter { Subsystems = [Glob.Parse("!acme")] });
        yield return ("devtype", new DeviceFilter { DevTypes = [Glob.Parse("kind1")] });
        yield return ("top", new DeviceFilter { DevPaths = [Glob.Parse("/devices/*")] });
        yield return ("below", new DeviceFilter { DevPaths = [Glob.Parse("/devices/*m*/**"), Glob.Parse("/devices/*/?1")] });
        yield return ("not below", new DeviceFilter { DevPaths = [Glob.Parse("!/devices/?m*/**")] });
        yield return ("renamed", new DeviceFilter { SysNames = [Glob.Parse("?m*")] });
        yield return ("not renamed", new DeviceFilter { SysNames = [Glob.Parse("!?m*")], Subsystems = [Glob.Parse("net")] });
        yield return ("level", new DeviceFilter { Properties = [new("LEVEL"u8.ToArray(), Glob.Parse("1"))] });
        yield return ("not the level", new DeviceFilter { Properties = [new("LEVEL"u8.ToArray(), Glob.Parse("!1")), new("SHOT"u8.ToArray(), Glob.Parse("!*"))] });
        yield return ("no changes", new DeviceFilter { Actions = [Glob.Parse("!change")], SysNames = [Glob.Parse("[bdo]*")] });
    }

    private void Begin(string name, DeviceFilter? filter) =>
        _followers.Add(new Follower(name, new Replica(filter)) { Stream = _publisher.Subscribe(filter, false, false, null) });

    private void ComeOrGo(Follower follower, bool does)
    {
        if (!does || !follower.Replica.IsWhole)
            return;
        if (follower.Stream is { } stream)
        {
            _publisher.Unsubscribe(stream);
            follower.Stream = null;
            return;
        }
        follower.Stream = _publisher.Subscribe(follower.Replica.Filter, false, false, follower.Replica.Cursor);
        Count("Resumed");
    }

    private void Compare()
    {
        if (_news == _publisher.News && _followers.TrueForAll(follower => follower.Stream is not { HasSomething: true }))
            return;
        _news = _publisher.News;
        foreach (var follower in _followers)
        {
            if (follower.Stream is not { } stream)
                continue;
            Told(follower, follower.Replica.Read(stream));
            if (follower.Replica.IsWhole)
                Same(follower, follower.Replica.DifferenceTo(_publisher));
            Require(follower.Replica.Gaps == 0 || World.Kernel.Overruns > 0, $"\"{follower.Name}\" got a gap, and nothing was lost");
        }
    }

    private void Told(Follower follower, string? wrong)
    {
        Require(wrong is null, $"\"{follower.Name}\" was told {wrong}");
        if (follower.Replica.Events.ContainsKey("move"))
            Count("Moved");
    }

    private void Same(Follower follower, string? difference) => Require(difference is null, $"\"{follower.Name}\": {difference}");

    // That it happened at all.
    private void Count(string what) => Checks[what] = Checks.GetValueOrDefault(what) + 1;

    private sealed record Follower(string Name, Replica Replica)
    {
        public SubscriberStream? Stream { get; set; }
    }
}
