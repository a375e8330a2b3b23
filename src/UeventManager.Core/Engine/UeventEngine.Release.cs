using UeventManager.Core.Ordering;

namespace UeventManager.Core.Engine;

public sealed partial class UeventEngine
{
    // Releases what is complete at the head of a device's queue, unless an ancestor's add still waits.
    private void TryRelease(Device device, long nowUsec)
    {
        while (device.Wait is { Queue.Count: > 0 } wait && wait.Queue[0].Complete)
        {
            if (wait.MemberOf is { } group)
            {
                // What held it from outside is gone: perhaps its group was waiting for nothing else.
                LookSoon(group.Leader, nowUsec);
                return;
            }
            if ((BlockingAncestor(device) ?? WaitingLeader(device)) is { } ancestor)
            {
                if (wait.BlockedBy != ancestor)
                    (ancestor.Blocked ??= []).Add(device);
                wait.BlockedBy = ancestor;
                return;
            }
            wait.BlockedBy = null;
            if (wait.Queue[0].LeadsGroup && device.Group is { } led)
            {
                ReleaseGroup(led, nowUsec);
                return;
            }
            var pending = wait.Queue[0];
            wait.Queue.RemoveAt(0);
            Release(device, pending, nowUsec);
            Unblock(device, nowUsec);
        }
        if (device.Wait is { Queue.Count: 0, FollowUp: null })
            EndWait(device);
    }

    // Only a waiting add holds what is below it; one that is held or dropped lets the next waiting ancestor count.
    private Device? BlockingAncestor(Device device)
    {
        if (_replacing > 0 && ReplacedAncestor(device) is { } replaced)
            return replaced;
        for (var above = device.Node.ParentDevice; above is not null; above = above.Node.ParentDevice)
        {
            if (above.State == DeviceState.Waiting)
                return above;
            if (above.State == DeviceState.Announced)
                return null;
        }
        return null;
    }

    // What became known below a device that another instance is about to replace belongs to that one.
    private static Device? ReplacedAncestor(Device device)
    {
        for (var above = device.Node.ParentDevice; above is not null; above = above.Node.ParentDevice)
        {
            if (above.ReplaceOrder != 0 && device.CreatedOrder > above.ReplaceOrder)
                return above;
        }
        return null;
    }

    private void Release(Device device, PendingEvent pending, long nowUsec)
    {
        if (device.State == DeviceState.Held && pending.Findings.Settled)
            Report(Incident.AnnouncedLate, device);
        device.State = DeviceState.Announced;
        device.Findings = pending.Findings;
        device.Properties.Set(pending.Properties.Span);
        pending.Path = device.Node.Path;
        pending.ParentPath = device.Node.ParentDevice?.Node.Path;
        pending.Subsystem = device.Subsystem;
        if (device.Wait is { } wait)
        {
            wait.Decided = false;
            wait.FileText = null;
            BeginFollowUp(device, wait, pending, nowUsec);
        }
        Deliver(device, pending);
    }

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
        Emit(new EngineCommand(CommandKind.Deliver, device, pending));
        Recycle(pending);
    }

    private Wait NewWait(Device device)
    {
        if (device.Wait is { } wait)
            return wait;
        _waiting++;
        return device.Wait = new Wait(device);
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
        if (device.Group is { } group)
        {
            // Its members still wait for each other.
            wait.FollowUp = null;
            _nextLooks.Set(wait.NextLook, group.FirstUsec);
            return;
        }
        device.Wait = null;
        _waiting--;
        Forget(device);
    }

    private void Forget(Device device) => Emit(new EngineCommand(CommandKind.Forget, device));
}
