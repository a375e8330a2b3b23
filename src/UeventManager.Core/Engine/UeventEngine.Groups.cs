using System.Text;
using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;
using UeventManager.Core.Settle;

namespace UeventManager.Core.Engine;

public sealed partial class UeventEngine
{
    private readonly DueHeap<Group> _groupDeadlines = new();

    // A member whose add is complete waits for its group. False if there is none to wait for.
    private bool JoinGroup(Device device, PendingAdd add, long nowUsec)
    {
        if (IsLifted(device) || LeaderOf(device) is not { Rules.FirstLeader: not null, State: not DeviceState.Dropped } leader)
            return false;
        var group = leader.Group ?? NewGroup(leader, add.Event.ArrivedUsec);
        if (group.Waiting.Count >= Group.MaxMembers)
            return false;
        group.Waiting.Add(device);
        add.Join(group);
        if (add.Event.ArrivedUsec < group.FirstUsec)
        {
            group.FirstUsec = add.Event.ArrivedUsec;
            SetGroupDeadline(group);
        }
        StartGroupLook(leader, nowUsec);
        return true;
    }

    private Device? LeaderOf(Device device)
    {
        if (device.LeaderPath is not { } path)
            return null;
        var leader = _tree.Find(Encoding.UTF8.GetBytes(path));
        return leader == device ? null : leader;
    }

    // Where the leader's rule in force names no members, a member only goes after the leader's add; not if that add is
    // itself waiting for this one.
    private Device? WaitingLeader(Device device)
    {
        if (device.State == DeviceState.Announced || IsLifted(device) || LeaderOf(device) is not { State: DeviceState.Waiting, Group: null } leader)
            return null;
        var next = leader;
        for (var i = 0; next is not null && i < MaxQueued; i++)
        {
            if (next == device)
                return null;
            next = next.Pending?.BlockedBy ?? BlockingAncestor(next).By;
        }
        return next is null ? leader : null;
    }

    private Group NewGroup(Device leader, long firstUsec)
    {
        var pending = NewPending(leader);
        EndFollowUp(pending);
        var group = leader.Group = new Group(leader, Math.Min(firstUsec, pending.FirstUnservedUsec));
        SetGroupDeadline(group);
        return group;
    }

    private void SetGroupDeadline(Group group)
    {
        var inForce = group.Leader.Pending?.LookingAt ?? group.Leader.Pending?.Rule;
        var rule = inForce is { MemberLinks: not null } ? inForce : group.Leader.Rules.FirstLeader;
        _groupDeadlines.Set(group.Deadline, group.FirstUsec + (rule?.Rule.TimeoutUsec ?? Rule.DefaultTimeoutUsec));
    }

    private void StartGroupLook(Device leader, long nowUsec)
    {
        // A decided add releases the group when it is drained.
        if (leader.Pending is { IsDecided: false } pending && pending.Events is not [{ Complete: true }, ..])
            StartLook(leader, nowUsec, repeated: true);
    }

    // At a look at which the leader's own wait held: whether every link to a member leads to a device that is announced,
    // or complete and held by nothing but this group.
    private bool MembersReady(Device leader, Pending pending, Look look, BoundRule rule)
    {
        if (rule.MemberLinks is not { } query || pending.FollowUp is not null)
            return true;
        var links = look.Facts[query.Slot].Targets ?? [];
        var ready = leader.Group is { IsLifted: true } || AllReady(leader, links);
        if (!ready && leader.Group is null)
            NewGroup(leader, long.MaxValue);
        if (leader.Group is { } group)
        {
            (group.Links, group.LeaderHeld) = (links, true);
            if (!group.IsLifted)
                SetGroupDeadline(group);
        }
        return ready;
    }

    private bool AllReady(Device leader, IReadOnlyList<string> links)
    {
        for (var i = 0; i < links.Count && i < Group.MaxMembers; i++)
        {
            // What is no device, or became one only now, is no member before its add is complete.
            if (!links[i].StartsWith("/devices/", StringComparison.Ordinal))
                continue;
            if (_tree.Find(Encoding.UTF8.GetBytes(links[i])) is not { } member || !IsReady(leader, member))
                return false;
        }
        return true;
    }

    // A device belongs to one group, that of the leader its own link names. For another leader that links to it, it counts
    // when it is announced; unless only that leader holds it, which cannot wait for it.
    private bool IsReady(Device leader, Device member)
    {
        while (member.State != DeviceState.Announced && member != leader)
        {
            if (member.Pending is not { Add: { IsComplete: true } } pending)
                return false;
            var above = BlockingAncestor(member).By;
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
        for (var i = 0; group is not null && i < MaxQueued; i++)
        {
            if (group.Leader == leader)
                return true;
            group = group.Leader.Pending is { Add: { IsComplete: true } add } ? add.MemberOf : null;
        }
        return false;
    }

    // Ready, and no event of the leader waits: whatever was queued when the look ended may still bring one.
    private void DecideGroup(Group group)
    {
        EndedLooks++;
        group.Decision++;
        _draining.Enqueue(new Drain(group.Leader, null, group.Decision, EndedLooks, 0) { Group = group });
    }

    private void GroupDrained(Group group, long decision, long nowUsec)
    {
        if (group.Leader.Group != group || group.Decision != decision)
            return;
        if (group.Leader.Pending is { } pending && pending.HasUnserved)
            StartGroupLook(group.Leader, nowUsec);
        else
            ReleaseGroup(group, nowUsec);
    }

    // Only the group's constraint ends: everything that is complete goes out together, the rest later by its own rule.
    private void GroupDeadlineReached(Group group, long nowUsec)
    {
        var leader = group.Leader;
        var first = !group.IsLifted;
        group.IsLifted = true;
        group.Decision++;
        foreach (var link in group.Links)
        {
            if (_tree.Find(Encoding.UTF8.GetBytes(link)) is { State: DeviceState.Waiting } member && member.Pending?.MemberOf != group)
                Lift(member, leader);
        }
        // Its add goes out with them when it is drained; not if an ancestor holds it.
        if (leader.Pending is { Add.IsDraining: true })
            return;
        if (first && group.LeaderHeld && leader.Pending is { } pending && pending.HasUnserved)
        {
            // Its own wait held, and only its members kept its event: one more look, which reads what is attached.
            _groupDeadlines.Set(group.Deadline, nowUsec + Math.Max(LookTimes.ShortestUsec, (pending.Rule?.Rule.TimeoutUsec ?? 0) / 10));
            LookAnew(leader, pending, nowUsec);
            return;
        }
        if (leader.Pending is { InFlight: { Attaching: true } attaching } hanging)
        {
            AttachNothing(leader, hanging, attaching, nowUsec);
            if (leader.Group != group || leader.Pending is { IsDecided: true })
                return;
        }
        ReleaseGroup(group, nowUsec);
    }

    // It may be linked to by others than the leader that its own link names: only that one's time counts for it.
    private static bool IsLifted(Device device) => device is { LeaderPath: { } path, LiftedBy: { } lifted } && lifted.Contains(path);

    private static void Lift(Device member, Device leader)
    {
        var lifted = member.LiftedBy ??= [];
        if (lifted.Contains(leader.DevPath))
            return;
        if (lifted.Count >= MaxQueued)
            lifted.RemoveAt(0);
        lifted.Add(leader.DevPath);
    }

    // The leader vanishes: its members go out one by one.
    private void DissolveGroup(Device leader, long nowUsec)
    {
        if (leader.Group is not { } group)
            return;
        EndGroup(group);
        foreach (var member in group.Waiting)
        {
            if (member.Pending is { Add: { } add } && add.MemberOf == group)
                add.Join(null);
        }
        foreach (var member in group.Waiting)
        {
            if (!member.InTree)
                continue;
            TryRelease(member, nowUsec);
            LeaveReconcile(member);
        }
    }

    private void EndGroup(Group group)
    {
        group.Leader.Group = null;
        group.Decision++;
        _groupDeadlines.Clear(group.Deadline);
    }

    // A member vanishes, or what was decided of it is void: the others may be ready now, or must wait again.
    private void LeaveGroup(Pending pending)
    {
        if (pending.Add is not { MemberOf: { } group } add)
            return;
        add.Join(null);
        group.Decision++;
        group.Waiting.RemoveAll(member => member.Pending == pending);
        if (group.Leader.Pending is not { } leader)
            return;
        BeginAnew(group, leader);
        if (!group.IsLifted)
        {
            // The leader's look found it ready; whether it still is, another one tells: what took the place of one that
            // vanished may be a member too.
            if (leader.Add is { IsDecided: true, Event.LeadsGroup: true })
                VoidDecision(leader);
            else if (leader.InFlight is { Attaching: true })
                Abandon(group.Leader, leader);
        }
        if (!leader.IsDecided)
            _nextLooks.Set(leader.NextLook, group.FirstUsec);
    }

    // The time counts from the first event that waits, not from one that does not any more.
    private void BeginAnew(Group group, Pending leader)
    {
        if (group.IsLifted)
            return;
        var first = leader.FirstUnservedUsec;
        foreach (var member in group.Waiting)
            first = Math.Min(first, member.Pending is { Events: [var add, ..] } ? add.ArrivedUsec : long.MaxValue);
        if (first == long.MaxValue || first == group.FirstUsec)
            return;
        group.FirstUsec = first;
        SetGroupDeadline(group);
    }

    // The rule in force at the leader names no members, or there is none: there is no group.
    private bool NotALeaderNow(Device leader, Pending pending, Look look, Group group, long nowUsec)
    {
        if (look.Rule?.MemberLinks is not null && look.Action != (WaitingActions.Add | WaitingActions.Change))
            return true;
        var lone = pending.IsEmpty;
        if (lone)
            EndLook(pending, look, nowUsec);
        DissolveGroup(leader, nowUsec);
        if (lone && leader.Pending == pending && pending.IsEmpty)
            EndPending(leader);
        return !lone;
    }
}
