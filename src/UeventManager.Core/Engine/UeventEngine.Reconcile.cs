using System.Text;
using UeventManager.Core.Ordering;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Engine;

public sealed partial class UeventEngine
{
    /// <summary>How long after a scan its first looks may take until the state counts as reconciled, in microseconds.</summary>
    public const long ReconcileGraceUsec = 1_000_000;

    /// <summary>Most scans of one reconciliation: a rename during a scan makes it begin again.</summary>
    public const int MaxScans = 8;

    private long _scan;
    private int _scansLeft;
    private bool _renamed;
    private long _scanStartedOrder;
    private bool _scanning;

    private long _lossOrder;
    private long _scanOfLoss;

    // Subscribers were told a gap and get the state at the end.
    private bool _isGap;
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
        BeginStep(_nowUsec);
        BeginReconcile();
    }

    /// <summary>Steps a loss of events (ENOBUFS, netlink_overrun()): what was decided is void, and sysfs is read again.</summary>
    /// <param name="lost">How many, as far as the kernel says (SO_MEMINFO).</param>
    /// <param name="nowUsec">When it was noticed.</param>
    public void Overrun(long lost, long nowUsec)
    {
        BeginStep(nowUsec);
        Counters.Overruns++;
        Counters.Lost += lost;
        _isGap = true;
        Lose();
        Emit(new EngineCommand(CommandKind.Gap, Number: lost));
        foreach (var device in _tree.All().ToList())
        {
            if (device.Pending is not { } pending)
                continue;
            // What their datagrams say may be of an instance whose remove was lost: the deciding look reads it again.
            pending.DistrustDatagrams();
            if (pending is { InFlight: null, IsDecided: false })
                continue;
            if (VoidDecision(pending))
                Counters.Voided++;
            LookAnew(device, pending, nowUsec);
        }
        // Nothing ends the reconciliation before that scan.
        _scanning = true;
        VoidDrains(nowUsec);
        ForgetPostponed(nowUsec);
        ForgetRenames();
        BeginReconcile();
    }

    /// <summary>Takes what a scan found.</summary>
    /// <param name="scan">The scan's number; one that was overtaken is ignored.</param>
    /// <param name="found">Devices, parents before children.</param>
    /// <param name="nowUsec">Now.</param>
    public void Scanned(long scan, IReadOnlyList<ScannedDevice> found, long nowUsec)
    {
        BeginStep(nowUsec);
        if (scan != _scan || !_scanning)
            return;
        foreach (var device in found)
            Compare(device, nowUsec);
    }

    /// <summary>Ends a scan: devices that it did not find are looked for once more, and given up if they are gone.</summary>
    /// <param name="scan">The scan's number; one that was overtaken is ignored.</param>
    /// <param name="nowUsec">Now.</param>
    /// <param name="isComplete">False if some places could not be read: then there may be more, and sysfs is read again later.</param>
    public void ScanEnded(long scan, long nowUsec, bool isComplete = true)
    {
        BeginStep(nowUsec);
        if (scan != _scan || !_scanning)
            return;
        if (_renamed && _scansLeft > 0)
        {
            // What the scan read below a directory that was renamed meanwhile is nowhere any more.
            _scansLeft--;
            BeginScan();
            return;
        }
        _scanning = false;
        ScheduleRescan(isComplete, nowUsec);
        foreach (var device in _tree.All().ToList())
        {
            if (device.SeenByScan == scan || device.CreatedOrder > _scanStartedOrder)
                continue;
            // Not found is not gone: only a look at its own place tells.
            EnterReconcile(device);
            Identify(device, null, nowUsec, reconcile: true);
        }
        _reconcileDeadlineUsec = nowUsec + ReconcileGraceUsec;
        if (_reconciling == 0)
            FinishReconcile();
    }

    // What is known now was before events were lost, until a scan has compared it.
    private void Lose() => (_lossOrder, _scanOfLoss) = (_order, _scan + 1);

    private void BeginReconcile()
    {
        IsReconciling = true;
        _reconcileDeadlineUsec = long.MaxValue;
        _scanStartedOrder = _order;
        _scansLeft = MaxScans - 1;
        BeginScan();
    }

    private void BeginScan()
    {
        _scan++;
        _scanning = true;
        _renamed = false;
        Emit(new EngineCommand(CommandKind.Scan, Number: _scan));
    }

    // What the scan says is older than the events stepped meanwhile: each difference is looked at, and drained.
    private void Compare(in ScannedDevice found, long nowUsec)
    {
        if (found.IsBus)
            _buses.Add(found.Subsystem);
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
        var properties = device is { State: DeviceState.Waiting or DeviceState.Held, Pending.Events: [var add, ..] } ? add.Properties : device.Properties;
        var differs = device.State != DeviceState.Dropped && properties.DiffersFrom(found.Uevent);
        // Who was announced before anybody knew which instance it is, and reads otherwise now, is another.
        var other = device.Subsystem != found.Subsystem
            || (KnownInstance(device) is { IsKnown: true } known ? known != found.Instance : differs && device.State == DeviceState.Announced);
        // Where a parent was re-created, all that was below the old one is gone, whatever it looks like.
        for (var above = device.Node.ParentDevice; above is not null && !other; above = above.Node.ParentDevice)
            other = above.DiffersInScan == _scan;
        if (other)
            device.DiffersInScan = _scan;
        differs |= other;
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
        scanned.FileOf = found.Instance;
        return scanned;
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
        _isGap = false;
        Emit(new EngineCommand(CommandKind.Reconciled));
    }
}
