using UeventManager.Core.Ordering;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Groups;

/// <summary>Plans one transaction: its events and their order. The plan changes nothing.</summary>
internal sealed class GroupPlan
{
    private readonly Dictionary<Device, Group> _groups = [];
    private readonly HashSet<Device> _going;
    private readonly Group _group;

    /// <summary>Plans the release of a group.</summary>
    /// <param name="group">The group, which has ended.</param>
    /// <param name="ancestorOf">The ancestor that holds a device, or null.</param>
    /// <param name="leaderOf">The leader that a device's own link names, or null.</param>
    public GroupPlan(Group group, Func<Device, Device?> ancestorOf, Func<Device, Device?> leaderOf)
    {
        _group = group;
        Collect(group);
        var candidates = _groups.Keys.Append(group.Leader).Distinct().ToList();
        // A member that waits for a device outside stays, and so does the group that it leads.
        _going = candidates.Where(device => device.Pending is { NextComplete: not null }).ToHashSet();
        while (_going.RemoveWhere(device => Stays(device, ancestorOf)) > 0)
        {
        }
        var parts = new List<(Device, PendingEvent)>();
        foreach (var device in InOrder([.. candidates.Where(_going.Contains)], leaderOf))
        {
            // A change that is held after its timeout does not block the events behind it.
            foreach (var queued in device.Pending!.Events.TakeWhile(queued => queued.Complete || queued.TimedOut))
            {
                if (queued.Complete)
                    parts.Add((device, queued));
            }
        }
        Parts = parts;
    }

    /// <summary>The events, in their order.</summary>
    public IReadOnlyList<(Device Device, PendingEvent Event)> Parts { get; }

    /// <summary>Members that no longer wait with a group.</summary>
    public IEnumerable<Device> Freed => _groups.Where(one => IsOver(one.Value)).Select(one => one.Key);

    /// <summary>The groups of members that end with this one; the group of a member that stays goes on.</summary>
    public IEnumerable<Group> Ended =>
        [.. _groups.Values.Where(its => its != _group && _going.Contains(its.Leader)), .. _groups.Keys.Where(_going.Contains).Select(member => member.Group).OfType<Group>()];

    private bool IsOver(Group its) => its == _group || _going.Contains(its.Leader);

    private bool Stays(Device device, Func<Device, Device?> ancestorOf) =>
        (ancestorOf(device) is { } above && !_going.Contains(above))
        || (device != _group.Leader && _groups[device] is var its && !IsOver(its));

    // A member may lead a complete group of its own: both groups form one transaction.
    private void Collect(Group group)
    {
        foreach (var member in group.Waiting)
        {
            if (member is { InTree: true, IsLeaving: false, Pending: { } pending } && pending.MemberOf == group && _groups.TryAdd(member, group) && member.Group is { } inner)
                Collect(inner);
        }
    }

    // Parents before children, otherwise members before their leaders. A circle of members is broken at the first device found.
    private static List<Device> InOrder(List<Device> going, Func<Device, Device?> leaderOf)
    {
        var index = going.Select((device, i) => (device, i)).ToDictionary(pair => pair.device, pair => pair.i);
        var parent = going.ConvertAll(device => NearestIn(index, device));
        var leader = new int[going.Count];
        var members = new int[going.Count];
        for (var i = 0; i < going.Count; i++)
        {
            leader[i] = leaderOf(going[i]) is { } its && index.TryGetValue(its, out var at) && !DevPaths.IsBelow(going[i].Node.Path, its.Node.Path) ? at : -1;
            if (leader[i] >= 0)
                members[leader[i]]++;
        }
        var order = new List<Device>(going.Count);
        var done = new bool[going.Count];
        while (order.Count < going.Count)
        {
            var before = order.Count;
            for (var i = 0; i < going.Count; i++)
            {
                if (!done[i] && IsNext(i) && members[i] == 0)
                    Take(i);
            }
            if (order.Count == before)
                Take(Enumerable.Range(0, going.Count).First(i => !done[i] && IsNext(i)));
        }
        return order;

        bool IsNext(int i) => parent[i] < 0 || done[parent[i]];

        void Take(int i)
        {
            done[i] = true;
            order.Add(going[i]);
            if (leader[i] >= 0)
                members[leader[i]]--;
        }
    }

    private static int NearestIn(Dictionary<Device, int> going, Device device)
    {
        for (var above = device.Node.ParentDevice; above is not null; above = above.Node.ParentDevice)
        {
            if (going.TryGetValue(above, out var at))
                return at;
        }
        return -1;
    }
}
