using System.Text;
using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;
using UeventManager.Core.Settle;
using UeventManager.Core.Snapshots;

namespace UeventManager.Core.Groups;

/// <summary>Which device leads which, which groups are forming, and until when.</summary>
/// <param name="tree">The devices.</param>
/// <param name="blockers">What keeps them besides their groups.</param>
internal sealed class GroupTable(DeviceTree tree, Blockers blockers)
{
    // Nested groups, and leaders whose time was over, are followed and remembered so far.
    private const int MaxNested = PendingChanges.MaxQueued;

    private readonly DeviceColumn<Ties> _ties = new();
    private readonly DueHeap<Group> _deadlines = new();

    /// <summary>When the time of the next group is over.</summary>
    public long NextUsec => _deadlines.NextUsec;

    /// <summary>Transactions that were made.</summary>
    public long Transactions { get; private set; }

    /// <summary>Takes the group whose time is over.</summary>
    public Group TakeDue()
    {
        var group = _deadlines.Peek().Owner;
        _deadlines.Clear(group.Deadline);
        return group;
    }

    /// <summary>A deciding look has seen where a device's link to its leader leads; null if it has none.</summary>
    public void SetLeader(Device device, string? path)
    {
        if (path is not null || _ties[device] is not null)
            (_ties[device] ??= new Ties()).LeaderPath = path;
    }

    /// <summary>The leader that a device's own link names, if it is known.</summary>
    public Device? LeaderOf(Device device)
    {
        if (_ties[device]?.LeaderPath is not { } path)
            return null;
        var leader = tree.Find(Encoding.UTF8.GetBytes(path));
        return leader == device ? null : leader;
    }

    /// <summary>
    /// Whether the time of the device's group was over before it was complete. It may be linked to by others than the leader that its own link names: only
    /// that one's time counts for it.
    /// </summary>
    public bool IsLifted(Device device) => _ties[device] is { LeaderPath: { } path, LiftedBy: { } lifted } && lifted.Contains(path);

    /// <summary>
    /// Where the leader's rule in force names no members, a member only goes after the leader's add; not if that add is itself waiting for this one.
    /// </summary>
    public Device? WaitingLeader(Device device)
    {
        if (device.State == DeviceState.Announced || IsLifted(device) || LeaderOf(device) is not { State: DeviceState.Waiting, Group: null } leader)
            return null;
        var next = leader;
        for (var i = 0; next is not null && i < MaxNested; i++)
        {
            if (next == device)
                return null;
            next = next.Pending?.BlockedBy ?? blockers.Ancestor(next).By;
        }
        return next is null ? leader : null;
    }

    /// <summary>A group begins to form.</summary>
    public Group Begin(Device leader, long firstUsec)
    {
        var group = leader.Group = new Group(leader, firstUsec);
        SetDeadline(group);
        return group;
    }

    /// <summary>A member joins: its add is complete.</summary>
    public void Join(Group group, Device member, PendingAdd add)
    {
        group.Waiting.Add(member);
        add.Join(group);
        if (add.Event.ArrivedUsec >= group.FirstUsec)
            return;
        group.FirstUsec = add.Event.ArrivedUsec;
        SetDeadline(group);
    }

    /// <summary>A group is over.</summary>
    public void End(Group group)
    {
        group.Leader.Group = null;
        group.Decision++;
        _deadlines.Clear(group.Deadline);
    }

    /// <summary>The rule's time counts from the first event that waits.</summary>
    public void SetDeadline(Group group)
    {
        var inForce = group.Leader.Pending?.LookingAt ?? group.Leader.Pending?.Rule;
        var rule = inForce is { MemberLinks: not null } ? inForce : group.Leader.Rules.FirstLeader;
        SetDeadline(group, group.FirstUsec + (rule?.Rule.TimeoutUsec ?? Rule.DefaultTimeoutUsec));
    }

    /// <summary>The group ends at a time of its own.</summary>
    public void SetDeadline(Group group, long dueUsec) => _deadlines.Set(group.Deadline, dueUsec);

    /// <summary>A member vanishes, or is looked at again: the time counts from the first event that waits, not from one that does not any more.</summary>
    public void Leave(Group group, Pending member, Pending? leader)
    {
        group.Decision++;
        group.Waiting.RemoveAll(one => one.Pending == member);
        if (leader is null || group.IsLifted)
            return;
        var first = leader.FirstUnservedUsec;
        foreach (var one in group.Waiting)
            first = Math.Min(first, one.Pending is { Events: [var add, ..] } ? add.ArrivedUsec : long.MaxValue);
        if (first == long.MaxValue || first == group.FirstUsec)
            return;
        group.FirstUsec = first;
        SetDeadline(group);
    }

    /// <summary>The leader vanishes, or leads no more: nobody waits with the group.</summary>
    public void Dissolve(Group group)
    {
        End(group);
        foreach (var member in group.Waiting)
        {
            if (member.Pending is { Add: { } add } && add.MemberOf == group)
                add.Join(null);
        }
    }

    /// <summary>Its time is over: members need not be complete any more, and those that are not do not wait for the leader again.</summary>
    public void Lift(Group group)
    {
        group.IsLifted = true;
        group.Decision++;
        foreach (var link in group.Links)
        {
            if (tree.Find(Encoding.UTF8.GetBytes(link)) is { State: DeviceState.Waiting } member && member.Pending?.MemberOf != group)
                Lift(member, group.Leader.DevPath);
        }
    }

    /// <summary>Whether every link leads to a member that is announced, or complete and held by nothing but the group.</summary>
    public bool AllReady(Device leader, IReadOnlyList<string> links)
    {
        for (var i = 0; i < links.Count && i < Group.MaxMembers; i++)
        {
            // What is not a device, or became one only now, is not a member before its add is complete.
            if (!links[i].StartsWith("/devices/", StringComparison.Ordinal))
                continue;
            if (tree.Find(Encoding.UTF8.GetBytes(links[i])) is not { } member || !IsReady(leader, member))
                return false;
        }
        return true;
    }

    /// <summary>A group goes out.</summary>
    public Transaction? NewTransaction(Group group, int size) =>
        size > 1 || (group.IsLifted && size > 0) ? new Transaction(++Transactions, size, group.IsLifted) : null;

    /// <summary>Writes how many transactions there were.</summary>
    public void Save(SnapshotWriter to) => to.Number(Transactions);

    /// <summary>Goes on with the numbers of another run.</summary>
    /// <exception cref="SnapshotException">It is broken.</exception>
    public void Restore(SnapshotReader from) => Transactions = from.Count();

    /// <summary>Writes whom a device belongs to.</summary>
    public void Save(Device device, SnapshotWriter to)
    {
        var ties = _ties[device];
        to.Text(ties?.LeaderPath);
        to.Number(ties?.LiftedBy?.Count ?? 0);
        foreach (var leader in ties?.LiftedBy ?? [])
            to.Text(leader);
    }

    /// <summary>Reads whom a device belongs to.</summary>
    /// <exception cref="SnapshotException">It is broken.</exception>
    public void Restore(Device device, SnapshotReader from)
    {
        SetLeader(device, from.Text());
        for (var i = from.Number(0, MaxNested); i > 0; i--)
            ((_ties[device] ??= new Ties()).LiftedBy ??= []).Add(from.Text() ?? throw new SnapshotException("a leader has no path"));
    }

    // A device belongs to one group, that of the leader its own link names. For another leader that links to it, it counts
    // when it is announced; unless only that leader holds it, which cannot wait for it.
    private bool IsReady(Device leader, Device member)
    {
        while (member.State != DeviceState.Announced && member != leader)
        {
            if (member.Pending is not { Add: { IsComplete: true } } pending)
                return false;
            var above = blockers.Ancestor(member).By;
            if (above == leader)
                return true;
            if (pending.MemberOf is { } own && !IsWithin(own, leader))
                return false;
            if (above is null)
                return true;
            // Only what goes out with it may hold it.
            if (!IsWithin(above.Pending?.MemberOf, leader))
                return false;
            member = above;
        }
        return true;
    }

    // The leader's own group, or one whose leader is a complete member of it.
    private static bool IsWithin(Group? group, Device leader)
    {
        for (var i = 0; group is not null && i < MaxNested; i++)
        {
            if (group.Leader == leader)
                return true;
            group = group.Leader.Pending is { Add: { IsComplete: true } add } ? add.MemberOf : null;
        }
        return false;
    }

    private void Lift(Device member, string leader)
    {
        var lifted = (_ties[member] ??= new Ties()).LiftedBy ??= [];
        if (lifted.Contains(leader))
            return;
        if (lifted.Count >= MaxNested)
            lifted.RemoveAt(0);
        lifted.Add(leader);
    }

    // Leaders are kept by path: the one whose group's time was over may be another device by then.
    private sealed class Ties
    {
        public string? LeaderPath { get; set; }

        public List<string>? LiftedBy { get; set; }
    }
}
