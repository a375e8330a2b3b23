using UeventManager.Tests.Simulation.Model;

namespace UeventManager.Tests.Simulation.Checkers;

/// <summary>A group that is complete is announced within its bound, and what only its group held goes out at the group's deadline.</summary>
internal sealed class GroupLivenessChecker(CheckedWorld world) : Checker(world)
{
    private readonly GroupView _view = new(world);
    private readonly Dictionary<ulong, long> _completeSince = [];
    private readonly Dictionary<ulong, long> _freeSince = [];
    private readonly Dictionary<ulong, ModelDevice?> _leaders = [];
    private int _stalls;

    public override void Received(Received received) => _view.Received(received);

    public override void Rested()
    {
        if (World.IsReconciling || World.Stalls != _stalls || World.Kernel.Overruns > 0)
        {
            _completeSince.Clear();
            _freeSince.Clear();
        }
        _stalls = World.Stalls;
        if (World.IsReconciling || World.Kernel.Overruns > 0)
            return;
        foreach (var device in World.Kernel.Sysfs.All)
        {
            if (SimRule.For(device.Path, change: false) is { } rule && (rule.Leader ?? rule.Members) is not null)
                Check(device, rule);
        }
    }

    private void Check(ModelDevice device, SimRule rule)
    {
        var inode = device.Inode;
        if (_view.Arrived(inode) is not { } arrived || _view.IsTold(device) || !IsComplete(device) || !AncestorsTold(device))
        {
            _completeSince.Remove(inode);
            _freeSince.Remove(inode);
            return;
        }
        var now = World.World.Now;
        var leader = rule.Leader is null ? null : _view.LeaderOf(device);
        // Its leader has gone, or is another one: what was so before says nothing of it.
        if (_leaders.TryGetValue(inode, out var before) && before != leader)
        {
            _completeSince.Remove(inode);
            _freeSince.Remove(inode);
        }
        _leaders[inode] = leader;
        _completeSince.TryAdd(inode, now);
        if (IsLate(device, arrived, rule))
            return;
        if (!IsInCircle(device) && (rule.Members is null || IsReady(device, [])) && (leader is null || IsReady(leader, [])))
            _freeSince.TryAdd(inode, now);
        else
            _freeSince.Remove(inode);
        var latest = arrived + Math.Max(rule.Members is null ? 0 : rule.TimeoutUsec, leader is null ? 0 : Longest(leader, []));
        latest = Math.Max(_completeSince[inode], latest);
        var bound = latest + Math.Max(1_000, (latest - arrived) / 10) + 6 * World.World.ReadUsec;
        var why = "its group's time was over";
        if (_freeSince.TryGetValue(inode, out var since) && Bound(since, arrived, rule) + Lag(leader) + Lag(device) is var soon && soon < bound)
            (bound, why) = (soon, $"its group was complete since {since / 1000.0} ms");
        Require(now <= bound, $"{device.Path} (instance {inode}) was not told by {bound / 1000.0} ms: {why}");
    }

    // What becomes complete only at its timeout, or after it, has other bounds: it may be held, and is seldom looked at.
    private bool IsLate(ModelDevice device, long arrived, SimRule rule) =>
        Bound(_completeSince.GetValueOrDefault(device.Inode, World.World.Now), arrived, rule) >= arrived + rule.TimeoutUsec;

    private long Bound(long since, long arrived, SimRule rule) =>
        since + Math.Max(1_000, (since - arrived) / 10) + 6 * World.World.ReadUsec + rule.Wait.Max(c => c.LagUsec);

    private static long Lag(ModelDevice? leader) => leader is not null && SimRule.Of(leader.Path) is { } rule ? 2_000 + rule.TimeoutUsec / 10 + rule.Wait.Max(c => c.LagUsec) : 0;

    // A leader may be a member itself, and its leader's time counts from its own arrival at the latest.
    private long Longest(ModelDevice leader, HashSet<ulong> seen)
    {
        if (!seen.Add(leader.Inode) || SimRule.Of(leader.Path) is not { Members: not null } rule)
            return 0;
        return rule.TimeoutUsec + (_view.LeaderOf(leader) is { } outer ? Longest(outer, seen) : 0);
    }

    private bool IsComplete(ModelDevice device) =>
        !World.Kernel.OfInode(device.Inode)!.MayBeDropped && !device.Names.Any(n => device.Find(n)!.Blocks)
        && (SimRule.For(device.Path, change: false)?.Wait.All(c => c.Holds(device)) ?? true);

    // Its wait holds, and whoever it links to is told or complete and a member of this group or one within it.
    private bool IsReady(ModelDevice leader, HashSet<ulong> seen)
    {
        if (SimRule.Of(leader.Path) is not { Members: { } members } rule || !rule.Wait.All(c => c.Holds(leader)) || leader.Names.Any(n => leader.Find(n)!.Blocks))
            return false;
        if (!seen.Add(leader.Inode) || _view.Arrived(leader.Inode) is null || World.Kernel.OfInode(leader.Inode)!.MayBeDropped || !AncestorsTold(leader))
            return false;
        if (!_view.IsTold(leader) && rule.Leader is not null && (_view.LeaderOf(leader) is not { } outer || (!seen.Contains(outer.Inode) && !IsReady(outer, seen))))
            return false;
        return leader.Names.Where(n => n.StartsWith(members[..^1], StringComparison.Ordinal)).All(name => IsMemberReady(leader, name, seen));
    }

    // A member of a member of itself, by their own links: that ends only by time.
    private bool IsInCircle(ModelDevice device)
    {
        var seen = new HashSet<ulong>();
        for (var next = device; next is not null; next = _view.LeaderOf(next))
        {
            if (!seen.Add(next.Inode))
                return true;
        }
        return false;
    }

    private bool IsMemberReady(ModelDevice leader, string name, HashSet<ulong> seen)
    {
        if (leader.Find(name)?.Leads is not { Exists: true } member || member == leader || _view.IsTold(member))
            return true;
        if (_view.LeaderOf(member) != leader || !IsComplete(member) || !AncestorsTold(member))
            return false;
        if (SimRule.For(member.Path, change: false) is { } rule && (_view.Arrived(member.Inode) is not { } arrived || IsLate(member, arrived, rule)))
            return false;
        return SimRule.Of(member.Path) is not { Members: not null } || seen.Contains(member.Inode) || IsReady(member, seen);
    }

    private bool AncestorsTold(ModelDevice device)
    {
        for (var slash = device.Path.LastIndexOf('/'); slash > 0; slash = device.Path.LastIndexOf('/', slash - 1))
        {
            if (World.Kernel.Sysfs.Find(device.Path[..slash]) is { } above && !_view.IsTold(above))
                return false;
        }
        return true;
    }
}
