using System.Text;
using UeventManager.Core.Ordering;
using UeventManager.Core.Settle;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Engine;

// Each difference between the known state and a scan is confirmed by a look, and drained, before it takes effect.
public sealed partial class UeventEngine
{
    // The one that was announced, or that the waiting add is for.
    private static DeviceInstance KnownInstance(Device device) =>
        device.State is DeviceState.Waiting or DeviceState.Held && device.Pending!.FirstSeen.IsKnown ? device.Pending.FirstSeen : device.Instance;

    private void Compared(Device device, Look look, PendingEvent? news, long nowUsec)
    {
        var gone = !look.Instance.IsKnown;
        if (news is null && !gone && device.InTree && KnownInstance(device) is { IsKnown: true } known && known != look.Instance)
            news = Unread(device, device.Subsystem, nowUsec);
        if (!gone && news is null && !device.Instance.IsKnown && !MayAdopt(device))
        {
            if (_scannedAll)
                RescanSoon(nowUsec);
            LeaveReconcile(device);
            return;
        }
        if (gone || news is not null || !device.Instance.IsKnown)
        {
            var replaces = !gone && news is { Action: UeventAction.Add } ? Math.Max(1, _scanStartedOrder) : 0;
            _draining.Enqueue(new Drain(device, null, 0, EndedLooks, look.StartedOrder) { Gone = gone, News = news, Instance = look.Instance, Replaces = replaces });
            if (replaces != 0)
                SetReplacing(device, replaces);
        }
        else
        {
            LeaveReconcile(device);
        }
    }

    // Who was announced before anybody had seen its instance may have been replaced when events were lost: only a scan that has read its
    // uevent file since tells, not a look at who is there now.
    private bool MayAdopt(Device device) => device.CreatedOrder > _lossOrder || device.SeenByScan >= _scanOfLoss;

    // A look has confirmed what the scan said, and the socket is drained: it takes effect unless what came meanwhile says
    // it better.
    private void Confirm(in Drain drain, long nowUsec)
    {
        var device = drain.Device;
        if (device.InTree && device.LastAddOrder > drain.LookOrder && (drain.Gone || drain.News is { Action: UeventAction.Add }))
        {
            // It was renamed meanwhile: the look may have been at another's place.
            if (drain.News is { } again)
                again.Path = device.Node.Path;
            Identify(device, drain.News, nowUsec, reconcile: !drain.Heard);
            return;
        }
        // What another one of the device's drains is to replace is still to be replaced.
        if (drain.Replaces == device.ReplaceOrder)
            SetReplacing(device, 0);
        if (!device.Instance.IsKnown && device.LastAddOrder <= drain.LookOrder && drain.News is not { Action: UeventAction.Add })
            device.Instance = drain.Instance;
        if (drain.Gone)
        {
            Drop(drain.News);
            if (device.InTree)
                ConfirmGone(device, drain.LookOrder, nowUsec);
        }
        else if (drain.News is { Action: UeventAction.Add } add)
        {
            ConfirmOther(device, add, drain, drain.Replaces, nowUsec);
        }
        else if (drain.News is { } change)
        {
            ConfirmChange(device, change, drain.LookOrder, nowUsec);
        }
        LeaveReconcile(device);
        if (!device.InTree)
            return;
        Unblock(device, nowUsec);
        if (device is { State: DeviceState.Announced, Pending: { InFlight: null } pending } && pending.HasUnserved)
            StartLook(device, nowUsec, repeated: false);
    }

    // What the events since the scan began brought below it belongs to the new instance already.
    private void ConfirmChange(Device device, PendingEvent change, long lookOrder, long nowUsec)
    {
        if (!device.InTree || device.LastOrder > lookOrder || device.State == DeviceState.Dropped)
        {
            _events.Return(change);
            return;
        }
        if (device.Pending is not { Add: { } add } pending)
        {
            StepChange(device, change, nowUsec);
            return;
        }
        add.Renew(change);
        _events.Return(change);
        Refold(pending, add, nowUsec);
    }

    private void ConfirmGone(Device device, long lookOrder, long nowUsec)
    {
        // A directory above may have been renamed: kobject_rename() does that before the move is sent.
        if (!IsReconciling)
            RescanSoon(nowUsec);
        var newer = ToldTooEarly(device, lookOrder, nowUsec);
        RemoveSubtree(device, null, nowUsec, newer.Count > 0 ? long.MaxValue : lookOrder);
        BeginAgain(newer, nowUsec);
    }

    private void BeginAgain(List<PendingEvent> adds, long nowUsec)
    {
        foreach (var add in adds)
        {
            if (_tree.Find(add.Path.Span) is null)
                BeginAgain(add, nowUsec);
            else
                _events.Return(add);
        }
    }

    private void ConfirmOther(Device device, PendingEvent add, in Drain drain, long upTo, long nowUsec)
    {
        // It may have become known meanwhile, or have gone with its parent, which another one has replaced.
        var there = device.InTree && (drain.Heard ? device.FirstSeqnum < add.Seqnum : KnownInstance(device) != drain.Instance || device.Subsystem != add.Subsystem);
        if (!there && (!device.Swept || _tree.Find(add.Path.Span) is not null))
        {
            _events.Return(add);
            return;
        }
        var newer = ToldTooEarly(device, upTo, nowUsec);
        if (newer.Count > 0)
            upTo = long.MaxValue;
        foreach (var below in DeviceTree.Descendants(device))
            below.Swept = below.PlacedOrder <= upTo;
        Replace(device, add, nowUsec, upTo);
        BeginAgain(newer, nowUsec);
    }

    // While nobody could look, children of the new one were told, whom subscribers believe to be below the old one. They go with it and
    // come again behind the new one. Between a gap and the state nobody is told anything.
    private List<PendingEvent> ToldTooEarly(Device device, long upTo, long nowUsec)
    {
        if (_isGap || device is not { InTree: true, ToldPath: null } || !TopmostAnnounced(device.Node).Any(below => below.PlacedOrder > upTo))
            return [];
        return [.. DeviceTree.Descendants(device).Where(below => below.PlacedOrder > upTo).Select(below => NewestAdd(below, nowUsec))];
    }

    private PendingEvent NewestAdd(Device device, long nowUsec)
    {
        // The newer add is being drained, or was taken for a change, which may still wait; or its look is under way.
        var heard = NextInstance(device)?.Properties ?? PostponedAdd(device)?.Properties;
        var subsystem = device.AddSubsystem ?? device.Subsystem;
        if (heard is null && subsystem != device.Subsystem && device.State == DeviceState.Announced)
            return Unread(device, subsystem, nowUsec);
        var add = NewEvent(UeventAction.Add, (heard ?? NewestProperties(device)).Span, device.AddSeqnum, synthetic: true, nowUsec);
        // They may be the former one's: the uevent file is read.
        (add.Path, add.Subsystem, add.Wakeup) = (device.Node.Path, subsystem, 0);
        return add;
    }

    // An instance that no event and no scan has described: its uevent file will.
    private PendingEvent Unread(Device device, string subsystem, long nowUsec)
    {
        var add = NewEvent(UeventAction.Add, default, 0, synthetic: true, nowUsec);
        add.Properties.Set(Encoding.UTF8.GetBytes($"SUBSYSTEM={subsystem}"));
        (add.Path, add.Subsystem, add.Wakeup) = (device.Node.Path, subsystem, 0);
        return add;
    }

    private void SetReplacing(Device device, long order)
    {
        _replacing += (order == 0 ? 0 : 1) - (device.ReplaceOrder == 0 ? 0 : 1);
        device.ReplaceOrder = order;
    }

    private void VoidDrains(long nowUsec)
    {
        while (_draining.TryDequeue(out var drain))
        {
            if (drain.Pending is not null)
                continue;
            Drop(drain.News);
            LeaveReconcile(drain.Device);
            if (drain.Device.ReplaceOrder == 0)
                continue;
            SetReplacing(drain.Device, 0);
            Unblock(drain.Device, nowUsec);
        }
    }
}
