using UeventManager.Tests.Engine;
using UeventManager.Tests.Simulation.Model;

namespace UeventManager.Tests.Simulation.Checkers;

/// <summary>G8: what belongs together is seen together, in order, or not at all.</summary>
internal sealed class GroupChecker(CheckedWorld world) : Checker(world)
{
    private const int MaxMembers = 4096;

    private readonly GroupView _view = new(world);
    private readonly HashSet<long> _ids = [];
    private readonly List<SeenEvent> _open = [];
    private readonly Dictionary<ulong, string> _leader = [];
    private readonly Dictionary<ulong, long> _changed = [];
    // Leaders of which the kernel's change was ended by another action: one of ours follows in its place.
    private readonly HashSet<ulong> _ended = [];
    // Since when subscribers know that members of a leader went, and have not been told what that makes of the leader.
    private readonly Dictionary<ulong, long> _owed = [];

    public override void Received(Received received)
    {
        _view.Received(received);
        if (World.Kernel.OfSeqnum(received.Seqnum) is not { } instance)
            return;
        // Any other action ends a change that waits.
        if (received.Action == "change")
            _changed[instance.Inode] = World.World.Now;
        else if (_changed.Remove(instance.Inode))
            _ended.Add(instance.Inode);
    }

    public override void Delivered(SeenEvent seen)
    {
        if (_open.Count > 0)
            Require(seen.Group?.Id == _open[0].Group!.Id, $"{seen} in the midst of group {_open[0].Group!.Id}");
        else if (seen.Group is { } group)
            Require(_ids.Add(group.Id) && group.Size is > 0 and <= MaxMembers + 1, $"group {group.Id} of {group.Size} comes again");
        if (seen.Action == "remove")
            Require(seen.Group is null, $"{seen} is grouped");
        _open.Add(seen);
        var ends = seen.Group is null || _open.Count == seen.Group.Size;
        if (seen.Group is not null)
            Require(seen.EndsGroup == ends, $"{seen} is number {_open.Count} of {seen.Group.Size} and says {(seen.EndsGroup ? "" : "not ")}that it is the last");
        Owe(seen);
        if (!ends)
            return;
        InOrder();
        if (!IsLost && !_open.Exists(e => World.Kernel.Overruns > 0 && e.ArrivedUsec <= World.ReconciledUsec))
            Whole();
        _open.Clear();
    }

    public override void Rested()
    {
        Require(_open.Count == 0, $"a group ends after {_open.Count} events");
        if (IsLost)
            _owed.Clear();
    }

    public override void Ended()
    {
        foreach (var (inode, since) in _owed)
        {
            if (World.Kernel.OfInode(inode)!.Directory is { Exists: true } leader && _view.IsTold(leader) && Holds(leader))
                Require(false, $"members of {leader.Path} went at {since / 1000.0} ms, and nobody was told what that made of it");
        }
    }

    // Between a gap and the new state; not at start, when there is nothing to be lost.
    private bool IsLost => World.IsReconciling && World.Kernel.Overruns > 0;

    private static bool Holds(ModelDevice leader) => SimRule.For(leader.Path, change: true)?.Wait.All(c => c.Holds(leader)) ?? true;

    // One change of ours for members that went, unless the kernel's comes first; and no other.
    private void Owe(SeenEvent seen)
    {
        if (seen.Kobject || World.InstanceOf(seen)?.Directory is not { } device)
            return;
        // A link that leads elsewhere later makes it nobody else's member, and what came at its timeout is nobody's.
        if (seen is { Action: "add", Findings.Settled: true } && _view.LeaderOf(device) is { } its)
            _leader[device.Inode] = its.Path;
        if (seen.Action == "remove" && _leader.TryGetValue(device.Inode, out var path) && World.Kernel.Sysfs.Find(path) is { } leader
            && _view.IsTold(leader) && SimRule.Of(path) is { Members: not null })
            _owed[leader.Inode] = World.World.Now;
        if (seen.Action != "change" || SimRule.Of(seen.Path) is not { Members: not null })
            return;
        if (!_ended.Remove(device.Inode) && seen is { Synthetic: true, Seqnum: 0 } && World.Kernel.Overruns == 0)
        {
            Require(_owed.TryGetValue(device.Inode, out var gone), $"{seen} without a reason");
            Require(_changed.GetValueOrDefault(device.Inode) <= gone, $"{seen} although the kernel has sent one");
        }
        if (_owed.TryGetValue(device.Inode, out var since) && (SimRule.For(seen.Path, change: true) is null || _view.Last(device.Inode)?.StartedUsec >= since))
            _owed.Remove(device.Inode);
    }

    // Parents before children, else members before their leader.
    private void InOrder()
    {
        for (var i = 0; i < _open.Count; i++)
        {
            for (var j = i + 1; j < _open.Count; j++)
            {
                if (_open[j].Action == "add")
                    Require(!IsBelow(_open[i].Path, _open[j].Path), $"{_open[i]} comes before {_open[j]}");
                // Unless the order asks for the other way too: then that is a circle, and it is broken somewhere.
                if (_open[j].Action == "add" && LeaderOf(_open[j])?.Path == _open[i].Path)
                    Require(GoesBefore(_open[i], _open[j], []), $"{_open[j]} comes behind its leader");
            }
        }
    }

    private bool GoesBefore(SeenEvent first, SeenEvent last, HashSet<SeenEvent> seen) =>
        seen.Add(first) && _open.Exists(next => (IsBelow(next.Path, first.Path) || LeaderOf(first)?.Path == next.Path) && (next == last || GoesBefore(next, last, seen)));

    // Nobody whose group was ready when it was told stays behind.
    private void Whole()
    {
        var partial = _open[0].Group is { IsPartial: true };
        var leaders = _open.Where(e => e.Action == "add").Select(LeaderOf).Concat(_open.Where(IsLeaders).Select(e => World.InstanceOf(e)?.Directory))
            .OfType<ModelDevice>().Where(d => SimRule.Of(d.Path) is { Members: not null }).Distinct().ToList();
        if (partial)
        {
            Require(leaders.Exists(l => World.World.Now >= _view.EarliestDeadline(l, _open)), $"{_open[0]} is partial before anybody's time was over");
            return;
        }
        foreach (var leader in leaders)
            Whole(leader);
    }

    private void Whole(ModelDevice leader)
    {
        var deadline = _view.EarliestDeadline(leader, _open);
        if (World.World.Now >= deadline || _open.Exists(e => !e.Findings.Settled) || !MayLead(leader))
            return;
        var rule = SimRule.Of(leader.Path)!;
        if (_view.Last(leader.Inode) is not { } look || look.Targets(rule.Members!) is not { } targets)
        {
            Require(false, $"{_open[0]} without a look at {leader.Path}, which leads it");
            return;
        }
        Require(rule.Wait.All(c => c.Holds(look)), $"{_open[0]} although {leader.Path}, which leads it, is not complete");
        foreach (var target in targets)
            Require(IsTogether(leader, target, look), $"{_open[0]} without {target}, which belongs to {leader.Path} too");
    }

    private bool IsTogether(ModelDevice leader, string target, LookRecord look)
    {
        if (World.Subscriber.Knows(target) || _open.Exists(e => e.Path == target) || target == leader.Path)
            return true;
        // It has gone, or another has taken its place since.
        if (World.Kernel.Sysfs.Find(target) is not { } member || !look.Linked.Contains(member.Inode) || _view.Arrived(member.Inode) is null)
            return true;
        // Below a leader that waits, and of another group: only the leader holds it.
        return IsBelow(target, leader.Path) && !look.Own.Contains(member.Inode);
    }

    // Unknown, or silent: then there is no group.
    private bool MayLead(ModelDevice leader) =>
        _view.Arrived(leader.Inode) is not null && (World.Subscriber.Knows(leader.Path) || !World.Kernel.OfInode(leader.Inode)!.MayBeDropped);

    private bool IsLeaders(SeenEvent seen) => seen.Action is "add" or "change" && SimRule.For(seen.Path, seen.Action == "change") is { Members: not null };

    private ModelDevice? LeaderOf(SeenEvent seen) =>
        World.InstanceOf(seen)?.Directory is { } device ? _view.LeaderOf(device) : null;

    private static bool IsBelow(string path, string above) => path.StartsWith(above + "/", StringComparison.Ordinal);
}
