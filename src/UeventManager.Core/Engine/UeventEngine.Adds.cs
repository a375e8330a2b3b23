using UeventManager.Core.Drains;
using UeventManager.Core.History;
using UeventManager.Core.Ordering;
using UeventManager.Core.Udev;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Engine;

public sealed partial class UeventEngine
{
    // A device that was not known. Where nothing must be looked at its add is complete in this very step; what was
    // found by a scan is a hint only and always gets a look.
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
            // Another may have taken its path: the move or remove that would say so is queued, if it is so.
            _drains.Add(new InstanceSeen(device, look.Instance, look.StartedOrder));
    }

    // A further add of the same instance is a change if subscribers know the device (a trigger, a replay), else it folds;
    // for another instance the remove was lost, or comes late and is stale.
    private void SecondAdd(Device device, Look look, PendingEvent add, long nowUsec)
    {
        if (add.Seqnum > 0 && add.Seqnum < device.FirstSeqnum)
        {
            // While the look was under way it turned out to be of the instance before this one.
            Counters.StaleEvents++;
            GiveUp(device, add, nowUsec);
            return;
        }
        // While nobody could look, later events came: they say more than it.
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
        // A device is of one subsystem all its life.
        if (add.Subsystem.Length > 0 && add.Subsystem != device.Subsystem)
            return true;
        // Whose instance nobody has seen: only a trigger, or a duplicate, announces one device twice (device_add()).
        if (device.State is DeviceState.Announced or DeviceState.Dropped || device.Pending is not { } pending)
            return device.Instance.IsKnown ? look.Instance != device.Instance : !add.Synthetic && add.Seqnum > device.FirstSeqnum;
        var known = pending.InFlight is { Instance.IsKnown: true } inFlight ? inFlight.Instance : pending.LastSeen;
        return known.IsKnown ? look.Instance != known : pending.Gone;
    }

    // Another instance stands at the device's path. That the old one was removed, or what was below it renamed, may be
    // queued behind this add; only where nothing says so was it lost.
    private void ReplaceOnceDrained(Device device, Look look, PendingEvent add, long nowUsec)
    {
        // What became known below it since events were lost is the new one's already: its own add may have been lost.
        var replaces = _reconciliation.IsRunning && device.CreatedOrder <= _reconciliation.StartedOrder ? Math.Clamp(_reconciliation.StartedOrder, 1, add.Order) : add.Order;
        _reconciliation.SetReplacing(device, replaces);
        _drains.Add(new InstanceSeen(device, look.Instance, look.StartedOrder) { News = add, Heard = true, Replaces = replaces });
        // What is decided of the old one must not go out with what the new one's add says.
        if (device.Pending is { Add: not null } pending)
            _settlement.VoidAdd(pending, nowUsec);
    }

    // Another instance stands at the device's path: the old one goes with all that was below it, the new one begins
    // anew. It is looked at in any case, so that its add is drained: the lost remove may be queued behind it.
    private void Replace(Device device, PendingEvent add, long nowUsec, long upTo)
    {
        var (blocked, again) = (device.Blocked, new Again(add, device, _udev.WordOf(device)));
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
        _udev.HandOver(again.Before, again.Word, added);
        return added;
    }

    // An add for which a device is made anew: whose it was believed to be, and what udev had told of that one.
    private readonly record struct Again(PendingEvent Add, Device Before, UdevWord Word);

    // An add that was to replace the device and does not: what is below waits for it no longer.
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
