using UeventManager.Core.Groups;
using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;
using UeventManager.Core.Settle;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Engine;

internal sealed partial class Settlement
{
    // A member with a complete add waits for its group. Returns false if there is no group to wait for.
    private bool JoinGroup(Device device, PendingAdd add, long nowUsec)
    {
        if (_groups.IsLifted(device) || _groups.LeaderOf(device) is not { Rules.FirstLeader: not null, State: not DeviceState.Dropped } leader)
            return false;
        var group = leader.Group ?? NewGroup(leader, add.Event.ArrivedUsec);
        if (group.Waiting.Count >= Group.MaxMembers)
            return false;
        _groups.Join(group, device, add);
        StartGroupLook(leader, nowUsec);
        return true;
    }

    private Group NewGroup(Device leader, long firstUsec)
    {
        var pending = NewPending(leader);
        EndFollowUp(pending);
        return _groups.Begin(leader, Math.Min(firstUsec, pending.FirstUnservedUsec));
    }

    private void StartGroupLook(Device leader, long nowUsec)
    {
        // If the leader's add is decided, the drain of the add releases the group.
        if (leader.Pending is { IsDecided: false } pending && pending.Events is not [{ Complete: true }, ..])
            StartLook(leader, nowUsec, repeated: true);
    }

    // Called at a look at which the leader's own conditions held: true if every link to a member leads to a device that is announced, or is complete
    // and held only by this group.
    private bool MembersReady(Device leader, Pending pending, Look look, BoundRule rule)
    {
        if (rule.MemberLinks is not { } query || pending.FollowUp is not null)
            return true;
        var links = look.Facts[query.Slot].Targets ?? [];
        var ready = leader.Group is { IsLifted: true } || _groups.AllReady(leader, links);
        if (!ready && leader.Group is null)
            NewGroup(leader, long.MaxValue);
        if (leader.Group is { } group)
        {
            (group.Links, group.LeaderHeld) = (links, true);
            if (!group.IsLifted)
                _groups.SetDeadline(group);
        }
        return ready;
    }

    // The members are ready, and no event of the leader waits. The drain shows whether another event is still queued.
    private void DecideGroup(Group group)
    {
        _drains.EndLook();
        group.Decision++;
        _drains.Add(group);
    }

    public void GroupDrained(Group group, long decision, long nowUsec)
    {
        if (group.Leader.Group != group || group.Decision != decision)
            return;
        if (group.Leader.Pending is { } pending && pending.HasUnserved)
            StartGroupLook(group.Leader, nowUsec);
        else
            ReleaseGroup(group, nowUsec);
    }

    // All complete events are delivered together, and the others later by their own rules.
    private void GroupDeadlineReached(Group group, long nowUsec)
    {
        var leader = group.Leader;
        var first = !group.IsLifted;
        _groups.Lift(group);
        // The leader's add is delivered together with the members after its drain, unless an ancestor holds it.
        if (leader.Pending is { Add.IsDraining: true })
            return;
        if (first && group.LeaderHeld && leader.Pending is { } pending && pending.HasUnserved)
        {
            // The leader's own conditions held, and only its members kept its event: one more look reads the values to attach.
            _groups.SetDeadline(group, nowUsec + Math.Max(LookTimes.ShortestUsec, (pending.Rule?.Rule.TimeoutUsec ?? 0) / 10));
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

    // The group has no leader any more: its members are delivered one by one.
    public void DissolveGroup(Device leader, long nowUsec)
    {
        if (leader.Group is not { } group)
            return;
        _groups.Dissolve(group);
        foreach (var member in group.Waiting)
        {
            if (!member.InTree)
                continue;
            TryRelease(member, nowUsec);
            LeaveReconcile(member);
        }
    }

    // A member was removed, or its decision is void: the other members may be ready now, or must wait again.
    public void LeaveGroup(Pending pending)
    {
        if (pending.Add is not { MemberOf: { } group } add)
            return;
        add.Join(null);
        _groups.Leave(group, pending, group.Leader.Pending);
        if (group.Leader.Pending is not { } leader)
            return;
        if (!group.IsLifted)
        {
            // The leader's look found the group ready. Another look must tell whether it still is: the device that replaced a removed member may be a
            // member too.
            if (leader.Add is { IsDecided: true, Event.LeadsGroup: true })
                VoidDecision(leader);
            else if (leader.InFlight is { Attaching: true })
                Abandon(group.Leader, leader);
        }
        if (!leader.IsDecided)
            _nextLooks.Set(leader.NextLook, group.FirstUsec);
    }

    // Dissolves the group if no rule in force names members. Returns false if the look has then nothing else to decide.
    private bool NotALeaderNow(Device leader, Pending pending, Look look, Group group, long nowUsec)
    {
        if (look.Rule?.MemberLinks is not null && look.Action != (WaitingActions.Add | WaitingActions.Change))
            return true;
        var lone = pending.IsEmpty;
        if (lone)
            EndLook(pending, look, nowUsec);
        DissolveGroup(leader, nowUsec);
        if (lone && leader.Pending == pending && pending.IsEmpty)
            EndOrResume(leader, nowUsec);
        return !lone;
    }

    // Releases the waiting members and the leader's complete events in one transaction. Devices that these hold follow after it.
    private void ReleaseGroup(Group group, long nowUsec)
    {
        if (group.Leader.IsLeaving)
            return;
        _groups.End(group);
        var plan = new GroupPlan(group, device => _blockers.Ancestor(device).By, _groups.LeaderOf);
        foreach (var member in plan.Freed)
            member.Pending!.Add?.Join(null);
        foreach (var ended in plan.Ended)
        {
            if (ended.Leader.Group == ended)
                _groups.End(ended);
        }
        var parts = plan.Parts;
        var transaction = _groups.NewTransaction(group, parts.Count);
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

    // Members were removed, and the kernel may send no change of their leader (sriov_disable() sends none): a synthetic change follows once the
    // leader's conditions hold, unless the kernel's change comes first.
    public void QueueLeaderChangeOf(Device member, long nowUsec)
    {
        if (_groups.LeaderOf(member) is not { State: DeviceState.Announced, Rules.FirstLeader: not null } leader)
            return;
        QueueLeaderChange(leader, nowUsec);
    }

    public void QueueLeaderChange(Device leader, long nowUsec)
    {
        var pending = NewPending(leader);
        EndFollowUp(pending);
        // A waiting change of the kernel reports the same, if it is looked at from now on.
        if (pending.Changes.CoverLeaderChange(_events.Order + 1))
        {
            _events.NextOrder();
            if (pending.InFlight is null)
                LookSoon(leader, nowUsec);
            return;
        }
        var owed = _events.New(UeventAction.Change, leader, nowUsec);
        owed.IsLeaderChange = true;
        Enqueue(pending, owed);
        if (pending.InFlight is not null)
            pending.LookOnceMore();
        else
            _nextLooks.Set(pending.NextLook, nowUsec + LookTimes.ShortestUsec);
    }
}
