using UeventManager.Tests.Simulation.Model;

namespace UeventManager.Tests.Simulation.Checkers;

/// <summary>Whatever is complete, and held by nobody, is announced within its bound.</summary>
internal sealed class LivenessChecker(CheckedWorld world) : Checker(world)
{
    private readonly Dictionary<ulong, long> _arrived = [];
    private readonly Dictionary<ulong, long> _freeSince = [];
    private readonly Dictionary<ulong, string> _path = [];
    private readonly HashSet<ulong> _givenUp = [];
    private int _stalls;

    public override void Received(Received received)
    {
        if (World.Kernel.OfSeqnum(received.Seqnum) is not { } instance)
            return;
        _arrived.TryAdd(instance.Inode, received.Seqnum == instance.AddSeqnum || (World.Kernel.Overruns == 0 && instance.AddSeqnum > 0) ? World.World.Now : 0);
        // What was given up under its old name is held under the new one too.
        if (received.OldPath is { } old && SimRule.For(old, change: false) is { } rule && World.World.Now >= _arrived[instance.Inode] + rule.TimeoutUsec)
            _givenUp.Add(instance.Inode);
    }

    public override void Rested()
    {
        if (World.IsReconciling || World.World.Now <= World.SeesAgainUsec || World.Stalls != _stalls)
            _freeSince.Clear();
        _stalls = World.Stalls;
        if (World.World.Now <= World.SeesAgainUsec)
            return;
        foreach (var device in World.Kernel.Sysfs.All)
            Check(device);
    }

    private void Check(ModelDevice device)
    {
        var now = World.World.Now;
        if (!_arrived.TryGetValue(device.Inode, out var arrived) || !IsFree(device) || World.Subscriber.Knows(device.Path))
        {
            _freeSince.Remove(device.Inode);
            return;
        }
        _freeSince.TryAdd(device.Inode, now);
        if (_path.GetValueOrDefault(device.Inode) != device.Path)
            _freeSince[device.Inode] = now;
        _path[device.Inode] = device.Path;
        var since = _freeSince[device.Inode];
        var rule = SimRule.For(device.Path, change: false);
        if (rule is { Leader: not null } or { Members: not null })
            return;
        // What its add tells may be looked at anew, three times, because of what happens while it is drained (G11).
        var reads = 3 * World.World.ReadUsec * (rule is not null && (rule.Attaches || rule.AttachesUdev || rule.Wait.Any(c => c.OptionalUsec is not null)) ? 4 : 1);
        reads += rule?.Wait.Max(c => c.LagUsec) ?? 0;
        // What becomes complete only at its timeout, or after it, has other bounds.
        if (rule is not null && (_givenUp.Contains(device.Inode) || since + 1_000 + (since - arrived) / 10 + reads >= arrived + rule.TimeoutUsec))
            return;
        var bound = since + Math.Max(1_000, (since - arrived) / 10) + reads;
        Require(now <= bound, $"{device.Path} (instance {device.Inode}) is complete since {since / 1000.0} ms and was not told by {bound / 1000.0} ms");
    }

    // Complete, with no file that hangs, and below nobody who is known and was not told.
    private bool IsFree(ModelDevice device)
    {
        if (World.IsReconciling || World.Kernel.OfInode(device.Inode)!.MayBeDropped || device.Names.Any(n => device.Find(n)!.Blocks))
            return false;
        if (SimRule.For(device.Path, change: false) is { } rule && !rule.Wait.All(c => c.Holds(device)))
            return false;
        for (var slash = device.Path.LastIndexOf('/'); slash > 0; slash = device.Path.LastIndexOf('/', slash - 1))
        {
            // Told of another that stood there before is not told.
            if (World.Kernel.Sysfs.Find(device.Path[..slash]) is { } above && !IsTold(above))
                return false;
        }
        // Another still has its number or name for subscribers: its remove is under way or was lost.
        return !ModelKeys.Of(device).SelectMany(World.Subscriber.With).Any();
    }

    private bool IsTold(ModelDevice device) =>
        World.Subscriber.Told.TryGetValue(device.Path, out var told)
        && World.InstanceOf(told)?.Inode == device.Inode;
}
