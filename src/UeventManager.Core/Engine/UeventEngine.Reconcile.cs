using System.Text;
using UeventManager.Core.Ordering;
using UeventManager.Core.Settle;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Engine;

public sealed partial class UeventEngine
{
    /// <summary>How long after a scan its first looks may take until the state counts as reconciled, in microseconds.</summary>
    public const long ReconcileGraceUsec = 1_000_000;

    private long _scan;
    private long _scanStartedOrder;
    private bool _scanning;
    private int _reconciling;
    private int _replacing;
    private long _reconcileDeadlineUsec = long.MaxValue;

    /// <summary>True from the beginning of a reconciliation until <see cref="CommandKind.Reconciled"/>.</summary>
    public bool IsReconciling { get; private set; }

    /// <summary>
    /// Makes the known state agree with sysfs: at start, when everything is new, and whenever events may have been lost.
    /// </summary>
    public void Reconcile()
    {
        BeginStep();
        BeginReconcile();
    }

    /// <summary>Steps a loss of events (ENOBUFS, netlink_overrun()): what was decided is void, and sysfs is read again.</summary>
    /// <param name="lost">How many, as far as the kernel says (SO_MEMINFO).</param>
    /// <param name="nowUsec">When it was noticed.</param>
    public void Overrun(long lost, long nowUsec)
    {
        BeginStep();
        Counters.Overruns++;
        Counters.Lost += lost;
        Emit(new EngineCommand(CommandKind.Gap, Number: lost));
        foreach (var device in _tree.All().ToList())
        {
            if (device.Wait is not { } wait || wait is { InFlight: null, Decided: false })
                continue;
            if (wait.Decided)
                Counters.Voided++;
            VoidDecision(wait);
            LookAnew(device, wait, nowUsec);
        }
        VoidDrains(nowUsec);
        BeginReconcile();
    }

    /// <summary>Takes what a scan found.</summary>
    /// <param name="scan">The scan's number; one that was overtaken is ignored.</param>
    /// <param name="found">Devices, parents before children.</param>
    /// <param name="nowUsec">Now.</param>
    public void Scanned(long scan, IReadOnlyList<ScannedDevice> found, long nowUsec)
    {
        BeginStep();
        if (scan != _scan || !_scanning)
            return;
        foreach (var device in found)
            Compare(device, nowUsec);
    }

    /// <summary>Ends a scan: devices that it did not find are looked for once more, and given up if they are gone.</summary>
    /// <param name="scan">The scan's number; one that was overtaken is ignored.</param>
    /// <param name="nowUsec">Now.</param>
    public void ScanEnded(long scan, long nowUsec)
    {
        BeginStep();
        if (scan != _scan || !_scanning)
            return;
        _scanning = false;
        foreach (var device in _tree.All().ToList())
        {
            if (device.SeenByScan == scan || device.CreatedOrder > _scanStartedOrder)
                continue;
            EnterReconcile(device);
            Identify(device, null, nowUsec, reconcile: true);
        }
        _reconcileDeadlineUsec = nowUsec + ReconcileGraceUsec;
        if (_reconciling == 0)
            FinishReconcile();
    }

    private void BeginReconcile()
    {
        _scan++;
        _scanning = true;
        _scanStartedOrder = _order;
        IsReconciling = true;
        _reconcileDeadlineUsec = long.MaxValue;
        Emit(new EngineCommand(CommandKind.Scan, Number: _scan));
    }

    // What the scan says is older than the events stepped meanwhile: each difference is looked at, and drained.
    private void Compare(in ScannedDevice found, long nowUsec)
    {
        if (_tree.Find(found.Path) is not { } device)
        {
            var added = BeginAdd(ScanEvent(found, nowUsec), found.Path, found.Subsystem, nowUsec, scanned: true);
            added.SeenByScan = _scan;
            EnterReconcile(added);
            return;
        }
        device.SeenByScan = _scan;
        if (device.CreatedOrder > _scanStartedOrder)
            return;
        var waits = device.State is DeviceState.Waiting or DeviceState.Held;
        var known = waits && device.Wait!.FirstSeen.IsKnown ? device.Wait.FirstSeen : device.Instance;
        var other = known.IsKnown && known != found.Instance;
        // Where a parent was re-created, all that was below the old one is gone, whatever it looks like.
        for (var above = device.Node.ParentDevice; above is not null && !other; above = above.Node.ParentDevice)
            other = above.DiffersInScan == _scan;
        if (other)
            device.DiffersInScan = _scan;
        var differs = other || (device.State == DeviceState.Announced && device.Properties.DiffersFrom(found.Uevent));
        if (!differs && (device.Instance.IsKnown || device.State != DeviceState.Announced))
            return;
        EnterReconcile(device);
        var news = differs ? ScanEvent(found, nowUsec) : null;
        if (news is not null)
            news.Action = other ? UeventAction.Add : UeventAction.Change;
        Identify(device, news, nowUsec, reconcile: true);
    }

    private PendingEvent ScanEvent(in ScannedDevice found, long nowUsec)
    {
        var scanned = NewEvent(UeventAction.Add, default, 0, synthetic: true, nowUsec);
        scanned.Properties.Set(Encoding.UTF8.GetBytes($"SUBSYSTEM={found.Subsystem}\0"));
        scanned.Properties.OverlayFile(found.Uevent);
        scanned.Subsystem = found.Subsystem;
        scanned.Path = found.Path;
        scanned.FromFile = true;
        return scanned;
    }

    private void Compared(Device device, Look look, PendingEvent? news)
    {
        var gone = !look.Instance.IsKnown;
        if (gone || news is not null || !device.Instance.IsKnown)
            _draining.Enqueue(new Drain(device, null, 0, EndedLooks, look.StartedOrder) { Gone = gone, News = news, Instance = look.Instance });
        else
            LeaveReconcile(device);
        if (!gone && news is { Action: UeventAction.Add })
            SetReplacing(device, Math.Max(1, _scanStartedOrder));
    }

    // A look has confirmed what the scan said, and the socket is drained: it takes effect unless what came meanwhile says
    // it better.
    private void Confirm(in Drain drain, long nowUsec)
    {
        var device = drain.Device;
        var upTo = device.ReplaceOrder;
        SetReplacing(device, 0);
        if (!device.Instance.IsKnown && device.LastAddOrder <= drain.LookOrder && drain.News is not { Action: UeventAction.Add })
            device.Instance = drain.Instance;
        if (drain.Gone)
        {
            Drop(drain.News);
            if (device.InTree && device.LastAddOrder <= drain.LookOrder)
                RemoveSubtree(device, null, nowUsec, drain.LookOrder);
        }
        else if (drain.News is { Action: UeventAction.Add } add)
        {
            ConfirmOther(device, add, drain.Instance, upTo, nowUsec);
        }
        else if (drain.News is { } change)
        {
            if (device is { InTree: true, State: DeviceState.Announced } && device.LastOrder <= drain.LookOrder)
                StepChange(device, change, nowUsec);
            else
                Recycle(change);
        }
        LeaveReconcile(device);
        if (device.InTree)
            Unblock(device, nowUsec);
    }

    // What the events since the scan began brought below it belongs to the new instance already.
    private void ConfirmOther(Device device, PendingEvent add, DeviceInstance instance, long upTo, long nowUsec)
    {
        // It may have been announced or renamed meanwhile, or gone with its parent, which another one has replaced.
        var there = device.InTree && add.Path.Span.SequenceEqual(device.Node.Path)
            && !(device.State == DeviceState.Announced && device.Instance == instance);
        if (!there && (!device.Swept || _tree.Find(add.Path.Span) is not null))
        {
            Recycle(add);
            return;
        }
        foreach (var below in DeviceTree.Descendants(device))
            below.Swept = below.CreatedOrder <= upTo;
        Replace(device, add, nowUsec, upTo);
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
            if (drain.Wait is not null)
                continue;
            Drop(drain.News);
            LeaveReconcile(drain.Device);
            if (drain.Device.ReplaceOrder == 0)
                continue;
            SetReplacing(drain.Device, 0);
            Unblock(drain.Device, nowUsec);
        }
    }

    private void EnterReconcile(Device device)
    {
        if (!IsReconciling || device.Reconciling)
            return;
        device.Reconciling = true;
        _reconciling++;
    }

    private void LeaveReconcile(Device device)
    {
        if (!device.Reconciling)
            return;
        device.Reconciling = false;
        LeaveReconcile();
    }

    // The state is not reconciled before the instance that replaces a device has been looked at: the old one must not be
    // the last to leave.
    private bool HoldReconcile(Device device)
    {
        _reconciling++;
        return device.Reconciling;
    }

    private void LeaveReconcile()
    {
        if (--_reconciling == 0 && !_scanning)
            FinishReconcile();
    }

    private void FinishReconcile()
    {
        _reconcileDeadlineUsec = long.MaxValue;
        if (!IsReconciling)
            return;
        IsReconciling = false;
        Emit(new EngineCommand(CommandKind.Reconciled));
    }
}
