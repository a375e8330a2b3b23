using UeventManager.Core.Drains;
using UeventManager.Core.History;
using UeventManager.Core.Ordering;
using UeventManager.Core.Udev;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Engine;

public sealed partial class UeventEngine
{
    // Begins an unknown device. If nothing must be looked at, its add is complete in this very step; a device from a scan is only a hint and always
    // gets a look.
    private Device BeginAdd(PendingEvent queued, ReadOnlySpan<byte> path, string subsystem, long nowUsec, bool scanned = false)
    {
        var device = new Device(subsystem, _rules.For(subsystem)) { Id = ++_deviceId, CreatedOrder = _events.NextOrder(), PlacedOrder = _events.Order, LastOrder = _events.Order, LastAddOrder = _events.Order };
        _tree.Add(device, path);
        _history.Note(device, scanned && queued.Seqnum == 0 ? MomentKind.Scanned : MomentKind.Arrived, queued.Action, queued.Seqnum);
        _settlement.LookAround(device, nowUsec);
        _settlement.BeginPending(device, queued, nowUsec, scanned);
        return device;
    }

    private void Identified(Device device, Look look, long nowUsec)
    {
        var news = look.News;
        _drains.EndLook();
        if (look.Reconcile)
            Compared(device, look, news, nowUsec);
        else if (!device.InTree)
            GiveUp(device, news, nowUsec);
        else if (news is not null)
            SecondAdd(device, look, news, nowUsec);
        else if (look.Instance.IsKnown && !device.Instance.IsKnown && _reconciliation.MayAdopt(device))
            // Another instance may have taken the path; if so, the move or remove that says so is queued.
            _drains.Add(new InstanceSeen(device, look.Instance, look.StartedOrder));
    }

    // A further add of the same instance is a change if the device is announced (someone triggered it or replayed it), else it is folded. If it is of
    // another instance, the remove was lost or comes late.
    private void SecondAdd(Device device, Look look, PendingEvent add, long nowUsec)
    {
        if (add.Seqnum > 0 && add.Seqnum < device.FirstSeqnum)
        {
            // An event that came while the look was under way shows that this add belongs to the previous instance.
            Counters.StaleEvents++;
            GiveUp(device, add, nowUsec);
            return;
        }
        // Later events arrived while looks failed; their properties are newer than this add's.
        if (device.LastOrder > add.Order)
            add.Properties.Set(NewestProperties(device).Span);
        if (IsOther(device, look, add))
        {
            ReplaceOnceDrained(device, look, add, nowUsec);
            return;
        }
        if (_reconciliation.ReplaceOrder(device) != 0)
        {
            _reconciliation.SetReplacing(device, 0);
            _settlement.Unblock(device, nowUsec);
        }
        if (device.State != DeviceState.Announced)
        {
            _events.Return(add);
            return;
        }
        if (look.Instance.IsKnown)
            device.Instance = look.Instance;
        Counters.RepeatedAdds++;
        add.Action = UeventAction.Change;
        add.Synthetic = true;
        _settlement.StepChange(device, add, nowUsec);
    }

    private static bool IsOther(Device device, Look look, PendingEvent add)
    {
        if (!look.Instance.IsKnown)
            return false;
        // A device never changes its subsystem.
        if (add.Subsystem.Length > 0 && add.Subsystem != device.Subsystem)
            return true;
        // No look has seen the instance yet: only a trigger or a duplicate announces the same device twice (device_add()).
        if (device.State is DeviceState.Announced or DeviceState.Dropped || device.Pending is not { } pending)
            return device.Instance.IsKnown ? look.Instance != device.Instance : !add.Synthetic && add.Seqnum > device.FirstSeqnum;
        var known = pending.InFlight is { Instance.IsKnown: true } inFlight ? inFlight.Instance : pending.LastSeen;
        return known.IsKnown ? look.Instance != known : pending.Gone;
    }

    // Another instance stands at the device's path. The old one's remove, or a rename of devices below it, may be queued behind this add; if neither
    // is, the remove was lost.
    private void ReplaceOnceDrained(Device device, Look look, PendingEvent add, long nowUsec)
    {
        // Devices that became known below this one since events were lost belong to the new instance, whose own add may have been lost.
        var replaces = _reconciliation.IsRunning && device.CreatedOrder <= _reconciliation.StartedOrder ? Math.Clamp(_reconciliation.StartedOrder, 1, add.Order) : add.Order;
        _reconciliation.SetReplacing(device, replaces);
        _drains.Add(new InstanceSeen(device, look.Instance, look.StartedOrder) { News = add, Heard = true, Replaces = replaces });
        // A decision about the old instance must not be delivered with the new add's properties.
        if (device.Pending is { Add: not null } pending)
            _settlement.VoidAdd(pending, nowUsec);
    }

    // Another instance stands at the device's path: remove the old one with everything below it and begin the new one. The new one always gets a
    // look, so that its add is drained: the missing remove may be queued behind it.
    private void Replace(Device device, PendingEvent add, long nowUsec, long upTo)
    {
        var (blocked, again) = (device.Blocked, new Again(add, device, _udev.ReportOf(device)));
        device.Blocked = null;
        var reconciling = _reconciliation.BeginReplacement(device);
        foreach (var one in StayingBelow(device, upTo))
            _settlement.AppendMove(one, MoveOf(one, nowUsec), merge: false, nowUsec);
        if (device.InTree)
        {
            _output.Report(Incident.RemoveLost, device);
            RemoveSubtree(device, null, nowUsec, upTo);
        }
        ReAdd(again, reconciling, nowUsec);
        _settlement.Unblock(blocked, device, nowUsec);
    }

    private void ReAdd(in Again again, bool reconciling, long nowUsec)
    {
        var added = BeginAgain(again, nowUsec);
        if (reconciling)
            _reconciliation.Enter(added);
        if (_reconciliation.EndReplacement())
            _settlement.FinishReconcile();
    }

    private Device BeginAgain(in Again again, long nowUsec)
    {
        var (add, seqnum) = (again.Add, again.Add.Seqnum);
        var added = BeginAdd(add, add.Path.Span, add.Subsystem, nowUsec, scanned: true);
        (added.FirstSeqnum, added.AddSeqnum) = (seqnum, seqnum);
        _udev.HandOver(again.Before, again.Report, added);
        return added;
    }

    // An add that begins a device anew, the device that it was first attributed to, and what udev has reported about that device.
    private readonly record struct Again(PendingEvent Add, Device Before, UdevReport Report);

    // The add does not replace the device after all: descendants no longer wait for it.
    private void GiveUp(Device device, PendingEvent? news, long nowUsec)
    {
        Drop(news);
        if (_reconciliation.ReplaceOrder(device) == 0 || _drains.Replaces(device, _reconciliation.ReplaceOrder(device)))
            return;
        _reconciliation.SetReplacing(device, 0);
        _settlement.Unblock(device, nowUsec);
    }

    private void Drop(PendingEvent? news)
    {
        if (news is not null)
            _events.Return(news);
    }
}
