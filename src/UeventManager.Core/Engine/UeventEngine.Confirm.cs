using System.Text;
using UeventManager.Core.Drains;
using UeventManager.Core.Ordering;
using UeventManager.Core.Settle;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Engine;

// Each difference between a scan and the known state takes effect only after a look has confirmed it and the socket is drained.
public sealed partial class UeventEngine
{
    // The announced instance, or the instance of the waiting add.
    private static DeviceInstance KnownInstance(Device device) =>
        device.State is DeviceState.Waiting or DeviceState.Held && device.Pending!.FirstSeen.IsKnown ? device.Pending.FirstSeen : device.Instance;

    private void Compared(Device device, Look look, PendingEvent? news, long nowUsec)
    {
        var gone = !look.Instance.IsKnown;
        if (news is null && !gone && device.InTree && KnownInstance(device) is { IsKnown: true } known && known != look.Instance)
            news = Unread(device, device.Subsystem, nowUsec);
        if (!gone && news is null && !device.Instance.IsKnown && !_reconciliation.MayAdopt(device))
        {
            if (_rescans.SawAll)
                Doubt(nowUsec);
            _settlement.LeaveReconcile(device);
            return;
        }
        if (!gone && news is null && device.Instance.IsKnown)
        {
            _settlement.LeaveReconcile(device);
            return;
        }
        var replaces = !gone && news is { Action: UeventAction.Add } ? Math.Max(1, _reconciliation.StartedOrder) : 0;
        _drains.Add(new InstanceSeen(device, look.Instance, look.StartedOrder) { Gone = gone, News = news, Replaces = replaces });
        if (replaces != 0)
            _reconciliation.SetReplacing(device, replaces);
    }

    // A look has confirmed the scan's difference, and the socket is drained: apply it, unless a newer event already reported it.
    private void Confirm(InstanceSeen seen, long nowUsec)
    {
        var device = seen.Device;
        if (device.InTree && device.LastAddOrder > seen.LookOrder && (seen.Gone || seen.News is { Action: UeventAction.Add }))
        {
            // The device was renamed meanwhile: the look may have seen another device's directory.
            if (seen.News is { } again)
                again.Path = device.Node.Path;
            _settlement.Identify(device, seen.News, nowUsec, reconcile: !seen.Heard);
            return;
        }
        // Otherwise another entry of the drain queue is to replace this device.
        if (seen.Replaces == _reconciliation.ReplaceOrder(device))
            _reconciliation.SetReplacing(device, 0);
        if (!device.Instance.IsKnown && device.LastAddOrder <= seen.LookOrder && seen.News is not { Action: UeventAction.Add })
            device.Instance = seen.Instance;
        if (seen.Gone)
        {
            Drop(seen.News);
            if (device.InTree)
                ConfirmGone(device, seen.LookOrder, nowUsec);
        }
        else if (seen.News is { Action: UeventAction.Add } add)
        {
            ConfirmOther(device, add, seen, seen.Replaces, nowUsec);
        }
        else if (seen.News is { } change)
        {
            ConfirmChange(device, change, seen.LookOrder, nowUsec);
        }
        // The state is complete once the look for a change has ended.
        if (device is not { State: DeviceState.Announced, Pending: { IsLooking: true, HasUnserved: true } })
            _settlement.LeaveReconcile(device);
        if (!device.InTree)
            return;
        _settlement.Unblock(device, nowUsec);
        if (device is { State: DeviceState.Announced, Pending: { InFlight: null } pending } && (pending.HasUnserved || pending.FollowUp is not null))
            _settlement.StartLook(device, nowUsec, repeated: false);
    }

    private void ConfirmChange(Device device, PendingEvent change, long lookOrder, long nowUsec)
    {
        if (!device.InTree || device.LastOrder > lookOrder || device.State == DeviceState.Dropped)
        {
            _events.Return(change);
            return;
        }
        if (device.Pending is not { Add: { } add } pending)
        {
            if (change.IsRefresh)
                _settlement.Refresh(device, change, nowUsec);
            else
                _settlement.StepChange(device, change, nowUsec);
            return;
        }
        add.Renew(change, device.Rules.AsksEvent);
        _events.Return(change);
        _settlement.Refold(pending, add, nowUsec);
    }

    private void ConfirmGone(Device device, long lookOrder, long nowUsec)
    {
        // An ancestor's directory may have been renamed, because kobject_rename() renames before the move is sent. A new scan will show.
        if (!_reconciliation.IsRunning)
            Doubt(nowUsec);
        var newer = DeliveredTooEarly(device, lookOrder, nowUsec);
        RemoveSubtree(device, null, nowUsec, newer.Count > 0 ? long.MaxValue : lookOrder);
        BeginAgain(newer, nowUsec);
    }

    private void BeginAgain(List<Again> adds, long nowUsec)
    {
        foreach (var again in adds)
        {
            if (_tree.Find(again.Add.Path.Span) is null)
                BeginAgain(again, nowUsec);
            else
                _events.Return(again.Add);
        }
    }

    // Devices that became known below this one after upTo belong to the new instance.
    private void ConfirmOther(Device device, PendingEvent add, InstanceSeen seen, long upTo, long nowUsec)
    {
        // The new instance may have become known meanwhile, or the device was removed with its parent when the parent was replaced.
        var there = device.InTree && (seen.Heard ? device.FirstSeqnum < add.Seqnum : KnownInstance(device) != seen.Instance || device.Subsystem != add.Subsystem);
        if (!there && (!_reconciliation.IsSwept(device) || _tree.Find(add.Path.Span) is not null))
        {
            _events.Return(add);
            return;
        }
        var newer = DeliveredTooEarly(device, upTo, nowUsec);
        if (newer.Count > 0)
            upTo = long.MaxValue;
        _reconciliation.Sweep(device, upTo);
        Replace(device, add, nowUsec, upTo);
        BeginAgain(newer, nowUsec);
    }

    // While looks failed, children of the new instance were delivered below the old one. They are removed with the old one and added again after the
    // new one. Between a gap and the state nothing is delivered, so nothing needs repair.
    private List<Again> DeliveredTooEarly(Device device, long upTo, long nowUsec)
    {
        if (_reconciliation.IsGap || device is not { InTree: true, DeliveredPath: null } || !DeviceTree.TopmostAnnounced(device.Node).Any(below => below.PlacedOrder > upTo))
            return [];
        return [.. DeviceTree.Descendants(device).Where(below => below.PlacedOrder > upTo).Select(below => NewestAdd(below, nowUsec))];
    }

    private Again NewestAdd(Device device, long nowUsec)
    {
        // The newer add is being drained, or was taken for a change that may still wait, or its look is under way.
        var heard = NextInstance(device) ?? _postponed.AddOf(device);
        var subsystem = device.AddSubsystem ?? device.Subsystem;
        if (heard is null && subsystem != device.Subsystem && device.State == DeviceState.Announced)
            return new Again(Unread(device, subsystem, nowUsec), device, default);
        var add = _events.New(UeventAction.Add, (heard?.Properties ?? NewestProperties(device)).Span, device.AddSeqnum, synthetic: true, nowUsec);
        // These properties may be the previous instance's, so the uevent file is read.
        (add.Path, add.Subsystem, add.Wakeup) = (device.Node.Path, subsystem, 0);
        add.Udev = heard?.Udev ?? _udev.NewestOf(device);
        return new Again(add, device, _udev.ReportOf(device));
    }

    // The add of an instance that no event and no scan has described: its uevent file will supply the properties.
    private PendingEvent Unread(Device device, string subsystem, long nowUsec)
    {
        var add = _events.New(UeventAction.Add, default, 0, synthetic: true, nowUsec);
        add.Properties.Set(Encoding.UTF8.GetBytes($"SUBSYSTEM={subsystem}"));
        (add.Path, add.Subsystem, add.Wakeup) = (device.Node.Path, subsystem, 0);
        return add;
    }

    private void VoidDrains(long nowUsec)
    {
        foreach (var seen in _drains.TakeAll())
        {
            Drop(seen.News);
            _settlement.LeaveReconcile(seen.Device);
            if (_reconciliation.ReplaceOrder(seen.Device) == 0)
                continue;
            _reconciliation.SetReplacing(seen.Device, 0);
            _settlement.Unblock(seen.Device, nowUsec);
        }
    }
}
