using UeventManager.Core.Ordering;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Engine;

public sealed partial class UeventEngine
{
    // Releases what is complete at the head of a device's queue, unless G4's order makes it wait.
    private void TryRelease(Device device, long nowUsec)
    {
        while (!device.IsLeaving && device.Wait is { } wait && NextComplete(wait) is var next and >= 0)
        {
            if (wait.MemberOf is { } group)
            {
                // What held it from outside is gone: perhaps its group was waiting for nothing else.
                LookSoon(group.Leader, nowUsec);
                return;
            }
            var blocker = Blocker(device) ?? WaitingLeader(device);
            if (blocker is null && (blocker = Holder(device, wait.Queue[next], nowUsec)) is not null)
                BeginConflict(device, wait, blocker, wait.Queue[next], nowUsec);
            if (blocker is not null)
            {
                if (blocker.ToldPath is not null && WaitsFor(blocker, device))
                {
                    TellMoveNow(blocker, nowUsec);
                    continue;
                }
                if (wait.BlockedBy != blocker)
                    (blocker.Blocked ??= []).Add(device);
                wait.BlockedBy = blocker;
                return;
            }
            wait.BlockedBy = null;
            var pending = wait.Queue[next];
            if (LacksFile(wait, pending))
            {
                VoidDecision(wait);
                StartLook(device, nowUsec, repeated: false);
                return;
            }
            if (pending.LeadsGroup && device.Group is { } led)
            {
                ReleaseGroup(led, nowUsec);
                return;
            }
            wait.Queue.RemoveAt(next);
            Release(device, pending, nowUsec);
            Unblock(device, nowUsec);
        }
        if (device is { IsLeaving: false, Wait: { Queue.Count: 0, FollowUp: null } })
            EndWait(device);
    }

    // A change that is held, its time being over, holds nothing behind it.
    private static int NextComplete(Wait wait)
    {
        for (var i = 0; i < wait.Queue.Count; i++)
        {
            if (wait.Queue[i].Complete)
                return i;
            if (!wait.Queue[i].TimedOut)
                return -1;
        }
        return -1;
    }

    // It was expected to be released in the wake-up in which it arrived, with the datagram's properties; the drain or an
    // ancestor took longer, so the uevent file's are wanted.
    private bool LacksFile(Wait wait, PendingEvent add) =>
        wait.Decided && !wait.WithFile && add.Wakeup != _wakeup && !add.FromFile && add.Findings.Settled;

    // Every wait for another device ends: it is for a waiting add, which has a deadline, or for a move that waits itself for
    // an add that was there before it.
    private Device? Blocker(Device device) =>
        BlockingAncestor(device) ?? (_untold.Count > 0 ? BlockingMove(device) : null);

    // Only a waiting add holds what is below it; one that is held or dropped lets the next waiting ancestor count.
    private Device? BlockingAncestor(Device device)
    {
        if (_replacing + _untold.Count > 0 && UnsettledPlace(device) is { } unsettled)
            return unsettled;
        for (var above = device.Node.ParentDevice; above is not null; above = above.Node.ParentDevice)
        {
            if (above.State == DeviceState.Waiting)
                return above;
            if (above.State == DeviceState.Announced)
                return null;
        }
        return null;
    }

    // What became known below a device that another instance is about to replace belongs to that one; and what is below a
    // device whose move was not told cannot be told to be where it is.
    private static Device? UnsettledPlace(Device device)
    {
        for (var above = device.Node.ParentDevice; above is not null; above = above.Node.ParentDevice)
        {
            if (above.ToldPath is not null || (above.ReplaceOrder != 0 && device.PlacedOrder > above.ReplaceOrder))
                return above;
        }
        return null;
    }

    private void Release(Device device, PendingEvent pending, long nowUsec)
    {
        var first = device.State != DeviceState.Announced;
        if (device.State == DeviceState.Held && pending.Findings.Settled)
            Report(Incident.AnnouncedLate, device);
        device.State = DeviceState.Announced;
        device.Findings = pending.Findings;
        FileProperties.Remember(device, pending, first);
        device.Properties.CopyFrom(pending.Properties);
        if (first)
            device.AnnouncedOrder = ++_order;
        pending.OldParentPath = device.ToldParent;
        if (pending.Action == UeventAction.Move)
            TellMove(device, pending);
        // What came before a move that is not told yet is told under the old name, and below the old parent.
        if (device.ToldPath is null)
            device.ToldParent = device.Node.ParentDevice is { } parent ? PlaceTold(parent) : null;
        pending.Path = PlaceTold(device);
        pending.ParentPath = device.ToldParent;
        pending.Subsystem = device.Subsystem;
        if (device.Wait is { } wait)
        {
            Remember(device);
            (wait.Decided, wait.ByHand, wait.FileText) = (false, false, null);
            LeaveConflict(wait);
            BeginFollowUp(device, wait, pending, nowUsec);
        }
        if (first || pending.Action == UeventAction.Move)
            HoldKeys(device);
        Deliver(device, pending);
        // Nothing depends on the answer now, but a scan compares instances, and so does the next add. Whom only a scan has seen may be gone.
        if (first && !device.Instance.IsKnown)
            Identify(device, null, nowUsec, reconcile: pending.FromFile);
    }

    // Nearly always where it is.
    private byte[] PlaceTold(Device device) => _untold.Count == 0 ? device.Node.Path : device.PlaceTold();

    // Optional items that were missing are looked for until the rule's timeout, so that one more change can say when
    // they have come.
    private void BeginFollowUp(Device device, Wait wait, PendingEvent pending, long nowUsec)
    {
        wait.FollowUp = null;
        var findings = pending.Findings;
        if (!findings.Settled || findings.Missing is null || wait.Rule is not { } rule || wait.Queue.Count > 0 || wait.Items.Length == 0)
            return;
        var deadline = pending.ArrivedUsec + rule.Rule.TimeoutUsec;
        if (deadline <= nowUsec)
            return;
        var missing = new bool[wait.Items.Length];
        for (var i = 0; i < missing.Length; i++)
            missing[i] = !wait.Items[i].Held;
        wait.FollowUp = new FollowUp(rule, missing, pending.ArrivedUsec, deadline);
        SetDeadline(wait, deadline);
        ScheduleLook(device, wait, nowUsec);
    }

    private void Unblock(Device device, long nowUsec)
    {
        var blocked = device.Blocked;
        device.Blocked = null;
        Unblock(blocked, device, nowUsec);
    }

    private void Unblock(List<Device>? blocked, Device device, long nowUsec)
    {
        if (blocked is null)
            return;
        foreach (var child in blocked)
        {
            if (!child.InTree || child.Wait?.BlockedBy != device)
                continue;
            child.Wait.BlockedBy = null;
            TryRelease(child, nowUsec);
        }
    }

    private void Deliver(Device? device, PendingEvent pending)
    {
        Counters.Delivered++;
        if (device is not null)
            Note(device, MomentKind.Delivered, pending.Action, pending.Findings.Settled ? 0 : 1);
        Emit(new EngineCommand(CommandKind.Deliver, device, pending));
        Recycle(pending);
    }

    private Wait NewWait(Device device)
    {
        if (device.Wait is { } wait)
            return wait;
        _waiting++;
        if (_waitPool.TryPop(out wait))
            wait.Renew(device);
        else
            wait = new Wait(device);
        return device.Wait = wait;
    }

    private void EndWait(Device device)
    {
        if (device.Wait is not { } wait)
            return;
        Abandon(device, wait);
        _nextLooks.Clear(wait.NextLook);
        _deadlines.Clear(wait.Deadline);
        foreach (var pending in wait.Queue)
            Recycle(pending);
        wait.Queue.Clear();
        // Of looks that announced nothing, only those that went on after an announcement belong to it.
        if ((wait.FollowUp is not null || wait.RememberedUsec != 0) && wait.LookedUsec != wait.RememberedUsec)
            Remember(device);
        if (device.Group is { } group)
        {
            // Its members still wait for each other.
            wait.FollowUp = null;
            _nextLooks.Set(wait.NextLook, group.FirstUsec);
            return;
        }
        device.Wait = null;
        _waiting--;
        _endedWaits.Add(wait);
        // Whose changes are looked at has more of them.
        if (!wait.IsOfChange)
            Forget(device);
    }

    private void Forget(Device device) => Emit(new EngineCommand(CommandKind.Forget, device));
}
