using UeventManager.Core.Ordering;
using UeventManager.Core.Settle;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Engine;

public sealed partial class UeventEngine
{
    private long _transactions;

    // One transaction: the members that wait, and the leader's events that are complete. What they hold themselves goes
    // out only behind the whole.
    private void ReleaseGroup(Group group, long nowUsec)
    {
        if (group.Leader.IsLeaving)
            return;
        EndGroup(group);
        var parts = Parts(group);
        var transaction = parts.Count > 1 || (group.IsLifted && parts.Count > 0) ? new Transaction(++_transactions, parts.Count, group.IsLifted) : null;
        for (var i = 0; i < parts.Count; i++)
        {
            var (device, queued) = parts[i];
            device.Pending!.Take(queued);
            queued.Transaction = transaction;
            queued.EndsTransaction = i == parts.Count - 1;
            Release(device, queued, nowUsec);
        }
        foreach (var device in parts.Select(part => part.Device).Concat(group.Waiting).Append(group.Leader).Distinct().ToList())
        {
            if (!device.InTree || device.IsLeaving)
                continue;
            Unblock(device, nowUsec);
            TryRelease(device, nowUsec);
            LeaveReconcile(device);
            if (device.Pending is { InFlight: null, IsDecided: false, HasUnserved: true })
                StartLook(device, nowUsec, repeated: true);
        }
    }

    private List<(Device Device, PendingEvent Pending)> Parts(Group group)
    {
        var leaders = new Dictionary<Device, Group>();
        Collect(group, leaders);
        var candidates = leaders.Keys.Append(group.Leader).Distinct().ToList();
        // What waits for somebody outside stays, and with it what it leads.
        var going = candidates.Where(device => device.Pending is { NextComplete: not null }).ToHashSet();
        while (going.RemoveWhere(device => Stays(device, group, leaders, going)) > 0)
        {
        }
        Leave(group, leaders, going);
        var parts = new List<(Device, PendingEvent)>();
        foreach (var device in InOrder([.. candidates.Where(going.Contains)]))
        {
            // A change that is held, its time being over, holds nothing behind it.
            foreach (var queued in device.Pending!.Events.TakeWhile(queued => queued.Complete || queued.TimedOut))
            {
                if (queued.Complete)
                    parts.Add((device, queued));
            }
        }
        return parts;
    }

    // Parents before children, else members before their leaders. A circle of members is broken where it was found.
    private List<Device> InOrder(List<Device> going)
    {
        var index = going.Select((device, i) => (device, i)).ToDictionary(pair => pair.device, pair => pair.i);
        var parent = going.ConvertAll(device => NearestIn(index, device));
        var leader = new int[going.Count];
        var members = new int[going.Count];
        for (var i = 0; i < going.Count; i++)
        {
            leader[i] = LeaderOf(going[i]) is { } its && index.TryGetValue(its, out var at) && !DevPaths.IsBelow(going[i].Node.Path, its.Node.Path) ? at : -1;
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

    private bool Stays(Device device, Group group, Dictionary<Device, Group> leaders, HashSet<Device> going) =>
        (BlockingAncestor(device).By is { } above && !going.Contains(above))
        || (device != group.Leader && leaders[device] is var its && its != group && !going.Contains(its.Leader));

    // A member may lead a group of its own, which was complete before it was: the two are one transaction.
    private static void Collect(Group group, Dictionary<Device, Group> leaders)
    {
        foreach (var member in group.Waiting)
        {
            if (member is { InTree: true, IsLeaving: false, Pending: { } pending } && pending.MemberOf == group && leaders.TryAdd(member, group) && member.Group is { } inner)
                Collect(inner, leaders);
        }
    }

    // The group is over; one of a member's that stays goes on.
    private void Leave(Group group, Dictionary<Device, Group> leaders, HashSet<Device> going)
    {
        foreach (var (member, its) in leaders)
        {
            if (its != group && !going.Contains(its.Leader))
                continue;
            member.Pending!.Add?.Join(null);
            if (its != group && its.Leader.Group == its)
                EndGroup(its);
        }
        foreach (var member in leaders.Keys)
        {
            if (going.Contains(member) && member.Group is { } inner)
                EndGroup(inner);
        }
    }

    // Members went, and the kernel may send no change of their leader (sriov_disable() sends none): it gets one of ours
    // once its wait holds, unless the kernel's comes first.
    private void OweChange(Device member, long nowUsec)
    {
        if (LeaderOf(member) is not { State: DeviceState.Announced, Rules.FirstLeader: not null } leader)
            return;
        Owe(leader, nowUsec);
    }

    private void Owe(Device leader, long nowUsec)
    {
        var pending = NewPending(leader);
        EndFollowUp(pending);
        if (pending.HasUnserved)
        {
            // It says so, if it is looked at from now on.
            pending.Changes.CoverLeaderChange(++_order);
            if (pending.InFlight is null)
                LookSoon(leader, nowUsec);
            return;
        }
        var owed = NewEvent(UeventAction.Change, leader.Properties.Span, 0, synthetic: true, nowUsec);
        owed.Properties.OverlayFile("ACTION=change"u8);
        owed.IsLeaderChange = true;
        Enqueue(pending, owed);
        if (pending.InFlight is not null)
            pending.LookOnceMore();
        else
            _nextLooks.Set(pending.NextLook, nowUsec + LookTimes.ShortestUsec);
    }
}
