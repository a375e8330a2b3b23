using System.Text;
using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;
using UeventManager.Core.Settle;
using UeventManager.Core.Snapshots;

namespace UeventManager.Core.Groups;

/// <summary>The leaders of devices, the forming groups, and their deadlines.</summary>
/// <param name="tree">The devices.</param>
/// <param name="blockers">What holds devices besides their groups.</param>
internal sealed class GroupTable(DeviceTree tree, Blockers blockers)
{
    // The limit for nested groups that are followed, and for lifted leaders that are remembered.
    private const int MaxNested = PendingChanges.MaxQueued;

    private readonly DeviceColumn<Ties> _ties = new();
    private readonly DueHeap<Group> _deadlines = new();

    /// <summary>The deadline of the next group.</summary>
    public long NextUsec => _deadlines.NextUsec;

    /// <summary>The number of transactions so far.</summary>
    public long Transactions { get; private set; }

    /// <summary>Takes the group whose deadline has passed.</summary>
    public Group TakeDue()
    {
        var group = _deadlines.Peek().Owner;
        _deadlines.Clear(group.Deadline);
        return group;
    }

    /// <summary>Sets a device's leader as a deciding look saw it; null if the device has no such link.</summary>
    public void SetLeader(Device device, string? path)
    {
        if (path is not null || _ties[device] is not null)
            (_ties[device] ??= new Ties()).LeaderPath = path;
    }

    /// <summary>The leader that a device's own link names, if that device is known.</summary>
    public Device? LeaderOf(Device device)
    {
        if (_ties[device]?.LeaderPath is not { } path)
            return null;
        var leader = tree.Find(Encoding.UTF8.GetBytes(path));
        return leader == device ? null : leader;
    }

    /// <summary>
    /// Whether the device's group reached its deadline before it was complete. Other leaders may link to the device too, but only the deadline of the
    /// leader that its own link names counts.
    /// </summary>
    public bool IsLifted(Device device) => _ties[device] is { LeaderPath: { } path, LiftedBy: { } lifted } && lifted.Contains(path);

    /// <summary>
    /// The leader that must be announced first: if the leader's rule in force names no members, a member only follows the leader's add, unless that
    /// add itself waits for the member.
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

    /// <summary>Begins a group.</summary>
    public Group Begin(Device leader, long firstUsec)
    {
        var group = leader.Group = new Group(leader, firstUsec);
        SetDeadline(group);
        return group;
    }

    /// <summary>Adds a member with a complete add.</summary>
    public void Join(Group group, Device member, PendingAdd add)
    {
        group.Waiting.Add(member);
        add.Join(group);
        if (add.Event.ArrivedUsec >= group.FirstUsec)
            return;
        group.FirstUsec = add.Event.ArrivedUsec;
        SetDeadline(group);
    }

    /// <summary>Ends a group.</summary>
    public void End(Group group)
    {
        group.Leader.Group = null;
        group.Decision++;
        _deadlines.Clear(group.Deadline);
    }

    /// <summary>Sets the deadline: the rule's timeout counts from the first waiting event.</summary>
    public void SetDeadline(Group group)
    {
        var inForce = group.Leader.Pending?.LookingAt ?? group.Leader.Pending?.Rule;
        var rule = inForce is { MemberLinks: not null } ? inForce : group.Leader.Rules.FirstLeader;
        SetDeadline(group, group.FirstUsec + (rule?.Rule.TimeoutUsec ?? Rule.DefaultTimeoutUsec));
    }

    /// <summary>Sets another deadline.</summary>
    public void SetDeadline(Group group, long dueUsec) => _deadlines.Set(group.Deadline, dueUsec);

    /// <summary>Removes a member that was removed or is looked at again; the timeout then counts from the first event that still waits.</summary>
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

    /// <summary>Ends a group whose leader was removed or does not lead any more: no member waits with it.</summary>
    public void Dissolve(Group group)
    {
        End(group);
        foreach (var member in group.Waiting)
        {
            if (member.Pending is { Add: { } add } && add.MemberOf == group)
                add.Join(null);
        }
    }

    /// <summary>The deadline has passed: members need not be complete any more, and incomplete ones do not wait for this leader again.</summary>
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

    /// <summary>Whether every link leads to a member that is announced, or complete and held only by the group.</summary>
    public bool AllReady(Device leader, IReadOnlyList<string> links)
    {
        for (var i = 0; i < links.Count && i < Group.MaxMembers; i++)
        {
            // A target outside /devices is no device, so no member; a device that is still unknown is not ready.
            if (!links[i].StartsWith("/devices/", StringComparison.Ordinal))
                continue;
            if (tree.Find(Encoding.UTF8.GetBytes(links[i])) is not { } member || !IsReady(leader, member))
                return false;
        }
        return true;
    }

    /// <summary>Creates the transaction in which a group is delivered.</summary>
    public Transaction? NewTransaction(Group group, int size) =>
        size > 1 || (group.IsLifted && size > 0) ? new Transaction(++Transactions, size, group.IsLifted) : null;

    /// <summary>Writes the number of transactions.</summary>
    public void Save(SnapshotWriter to) => to.Number(Transactions);

    /// <summary>Continues the numbers of another run.</summary>
    /// <exception cref="SnapshotException">The snapshot is broken.</exception>
    public void Restore(SnapshotReader from) => Transactions = from.Count();

    /// <summary>Writes a device's leaders.</summary>
    public void Save(Device device, SnapshotWriter to)
    {
        var ties = _ties[device];
        to.Text(ties?.LeaderPath);
        to.Number(ties?.LiftedBy?.Count ?? 0);
        foreach (var leader in ties?.LiftedBy ?? [])
            to.Text(leader);
    }

    /// <summary>Reads a device's leaders.</summary>
    /// <exception cref="SnapshotException">The snapshot is broken.</exception>
    public void Restore(Device device, SnapshotReader from)
    {
        SetLeader(device, from.Text());
        for (var i = from.Number(0, MaxNested); i > 0; i--)
            ((_ties[device] ??= new Ties()).LiftedBy ??= []).Add(from.Text() ?? throw new SnapshotException("a leader has no path"));
    }

    // A device belongs to one group: that of the leader that its own link names. For another leader that links to it, it counts once it is announced;
    // or earlier if only that leader holds it, because the leader cannot wait for it then.
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
            // Only devices of the same transaction may hold it.
            if (!IsWithin(above.Pending?.MemberOf, leader))
                return false;
            member = above;
        }
        return true;
    }

    // Whether it is the leader's own group, or a nested one whose leader is a complete member.
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

    // Leaders are stored by path, because the lifted leader may be another device by then.
    private sealed class Ties
    {
        public string? LeaderPath { get; set; }

        public List<string>? LiftedBy { get; set; }
    }
}
