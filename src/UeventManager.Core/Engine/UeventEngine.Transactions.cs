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
        EndGroup(group);
        var parts = Parts(group);
        var transaction = parts.Count > 1 || (group.IsLifted && parts.Count > 0) ? new Transaction(++_transactions, parts.Count, group.IsLifted) : null;
        for (var i = 0; i < parts.Count; i++)
        {
            var (device, pending) = parts[i];
            device.Wait!.Queue.Remove(pending);
            pending.Transaction = transaction;
            pending.EndsTransaction = i == parts.Count - 1;
            Release(device, pending, nowUsec);
        }
        foreach (var device in parts.Select(part => part.Device).Concat(group.Waiting).Append(group.Leader).Distinct().ToList())
        {
            if (!device.InTree)
                continue;
            Unblock(device, nowUsec);
            TryRelease(device, nowUsec);
            LeaveReconcile(device);
            if (device.Wait is { InFlight: null, Decided: false } wait && HasUnserved(wait))
                StartLook(device, nowUsec, repeated: true);
        }
    }

    // Parents before children, else members before the leader. An ancestor's path is shorter than its descendants'.
    private List<(Device Device, PendingEvent Pending)> Parts(Group group)
    {
        var members = new List<Device>();
        Collect(group, members);
        var parts = new List<(Device, PendingEvent)>();
        var leader = group.Leader;
        var below = members.Where(member => DevPaths.IsBelow(member.Node.Path, leader.Node.Path));
        var beside = members.Where(member => !DevPaths.IsBelow(member.Node.Path, leader.Node.Path));
        foreach (var device in beside.OrderBy(member => member.Node.Path.Length).Append(leader).Concat(below.OrderBy(member => member.Node.Path.Length)))
        {
            if (device.Wait is not { } wait || (device == leader && BlockingAncestor(leader) is not null))
                continue;
            foreach (var pending in wait.Queue.TakeWhile(pending => pending.Complete))
                parts.Add((device, pending));
        }
        return parts;
    }

    // A member may lead a group of its own, which was complete before it was: the two are one transaction.
    private void Collect(Group group, List<Device> members)
    {
        foreach (var member in group.Waiting)
        {
            if (!member.InTree || member.Wait is not { } wait || wait.MemberOf != group || IsHeldFromOutside(group, member))
                continue;
            wait.MemberOf = null;
            members.Add(member);
            if (member.Group is not { } inner)
                continue;
            EndGroup(inner);
            Collect(inner, members);
        }
        foreach (var left in group.Waiting)
        {
            if (left.Wait is { } wait && wait.MemberOf == group)
                wait.MemberOf = null;
        }
    }

    private bool IsHeldFromOutside(Group group, Device member)
    {
        if (!group.IsLifted)
            return false;
        var above = BlockingAncestor(member);
        return above is not null && above != group.Leader && above.Wait?.MemberOf != group && !group.Waiting.Contains(above);
    }

    // Members went, and the kernel may send no change of their leader (sriov_disable() sends none): it gets one of ours
    // once its wait holds, unless the kernel's comes first.
    private void OweChange(Device member, long nowUsec)
    {
        if (LeaderOf(member) is not { State: DeviceState.Announced, Rules.FirstLeader: not null } leader)
            return;
        var wait = NewWait(leader);
        if (wait.FollowUp is not null)
        {
            wait.FollowUp = null;
            Abandon(leader, wait);
            _deadlines.Clear(wait.Deadline);
        }
        if (HasUnserved(wait))
            return;
        var owed = NewEvent(UeventAction.Change, leader.Properties.Span, 0, synthetic: true, nowUsec);
        owed.IsOwed = true;
        wait.Queue.Add(owed);
        if (wait.InFlight is not null)
            wait.LookAgain = true;
        else
            _nextLooks.Set(wait.NextLook, nowUsec + LookTimes.ShortestUsec);
    }

    private void DropOwed(Wait wait)
    {
        for (var i = wait.Queue.Count - 1; i >= 0; i--)
        {
            if (!wait.Queue[i].IsOwed)
                continue;
            Recycle(wait.Queue[i]);
            wait.Queue.RemoveAt(i);
        }
    }
}
