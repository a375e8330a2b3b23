using UeventManager.Tests.Engine;
using UeventManager.Tests.Simulation.Model;

namespace UeventManager.Tests.Simulation.Checkers;

/// <summary>Who belongs to whom, as far as looks and datagrams have told the daemon.</summary>
internal sealed class GroupView(CheckedWorld world)
{
    private readonly Dictionary<ulong, long> _arrived = [];

    /// <summary>Takes note of a datagram.</summary>
    public void Received(Received received)
    {
        if (world.Kernel.OfSeqnum(received.Seqnum) is { } instance)
            _arrived.TryAdd(instance.Inode, world.World.Now);
    }

    /// <summary>When the daemon first heard of an instance; null if it has not.</summary>
    public long? Arrived(ulong inode)
    {
        long? heard = _arrived.TryGetValue(inode, out var arrived) ? arrived : null;
        // A scan may have found it; else a look at its place was at the one before it.
        var instance = world.Kernel.OfInode(inode)!;
        var scanned = instance.AddSeqnum == 0 || (world.Kernel.Overruns > 0 && instance.CreatedUsec < world.ReconciledUsec);
        if (!scanned || world.Looks.Of(inode) is not [var first, ..])
            return heard;
        return Math.Min(heard ?? long.MaxValue, first.StartedUsec);
    }

    /// <summary>The newest look at an instance that has all its answers.</summary>
    public LookRecord? Last(ulong inode) => world.Looks.Of(inode).LastOrDefault(look => look.Ended);

    /// <summary>The leader that an instance's own link named at its newest look, if it is there now.</summary>
    public ModelDevice? LeaderOf(ModelDevice member)
    {
        if (SimRule.For(member.Path, change: false)?.Leader is not { } link)
            return null;
        return world.Looks.LeadsTo(member.Inode, link) is { } path && world.Kernel.Sysfs.Find(path) is { } leader && leader != member ? leader : null;
    }

    /// <summary>Whether subscribers know this very instance.</summary>
    public bool IsTold(ModelDevice device) =>
        world.Subscriber.Told.TryGetValue(device.Path, out var told) && world.InstanceOf(told)?.Inode == device.Inode;

    /// <summary>The earliest end of a group's time that anybody could name.</summary>
    public long EarliestDeadline(ModelDevice leader, IEnumerable<SeenEvent> events)
    {
        var arrivals = world.Looks.Linking(leader.Path).Select(inode => Arrived(inode) ?? 0).Concat(events.Select(e => e.ArrivedUsec)).Append(Arrived(leader.Inode) ?? 0);
        return arrivals.Min() + Timeout(leader);
    }

    public static long Timeout(ModelDevice leader) => (SimRule.Of(leader.Path) ?? throw new InvalidOperationException(leader.Path)).TimeoutUsec;
}
