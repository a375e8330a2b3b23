using System.Text;
using UeventManager.Core.Ordering;
using UeventManager.Core.Reconcile;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Engine;

public sealed partial class UeventEngine
{
    // The scan at the start begins before the engine's clock; it takes less than this until its first batch.
    private const long FirstScanUsec = 1_000_000;

    /// <summary>True from the beginning of a reconciliation until <see cref="CommandKind.Reconciled"/>.</summary>
    public bool IsReconciling => _reconciliation.IsRunning;

    /// <summary>Makes the known state agree with sysfs: at start, when every device is new, and whenever events may have been lost.</summary>
    public void Reconcile()
    {
        Tap?.Reconciles();
        BeginStep(_nowUsec);
        BeginReconcile();
    }

    /// <summary>Steps a loss of events (ENOBUFS, netlink_overrun()): decisions are void, and sysfs is read again.</summary>
    /// <param name="lost">The number of lost events, as far as the kernel says (SO_MEMINFO).</param>
    /// <param name="nowUsec">The time at which the loss was noticed.</param>
    public void Overrun(long lost, long nowUsec)
    {
        Tap?.Overrun(lost, nowUsec);
        BeginStep(nowUsec);
        Counters.Overruns++;
        Counters.Lost += lost;
        _reconciliation.BeginGap();
        _reconciliation.Lose(_events.Order);
        _reconciliation.MayHaveMissed = true;
        _output.Emit(new EngineCommand(CommandKind.Gap, Number: lost));
        foreach (var device in _tree.All().ToList())
        {
            if (device.Pending is not { } pending)
                continue;
            // The datagrams may describe an instance whose remove was lost: the deciding look reads the uevent file again.
            pending.DistrustDatagrams();
            if (pending is { InFlight: null, IsDecided: false })
                continue;
            if (_settlement.VoidDecision(pending))
                Counters.Voided++;
            _settlement.LookAnew(device, pending, nowUsec);
        }
        VoidDrains(nowUsec);
        ForgetPostponed(nowUsec);
        _departed.ForgetRenames();
        BeginReconcile();
    }

    /// <summary>Takes a batch of a scan.</summary>
    /// <param name="scan">The scan's number; a superseded scan is ignored.</param>
    /// <param name="found">The devices found, parents before children.</param>
    /// <param name="nowUsec">Now.</param>
    public void Scanned(long scan, IReadOnlyList<ScannedDevice> found, long nowUsec)
    {
        Tap?.Scanned(scan, found, nowUsec);
        BeginStep(nowUsec);
        if (scan != _reconciliation.Scan || !_reconciliation.IsScanning)
            return;
        if (_scanBeganUsec == 0)
            _scanBeganUsec = Math.Max(1, nowUsec - FirstScanUsec);
        foreach (var device in found)
            Compare(device, nowUsec);
    }

    /// <summary>Ends a scan: each known device that it did not find gets one more look, and is removed if its directory is gone.</summary>
    /// <param name="scan">The scan's number; a superseded scan is ignored.</param>
    /// <param name="nowUsec">Now.</param>
    /// <param name="isComplete">False if some directories could not be read: then there may be more devices, and sysfs is read again later.</param>
    public void ScanEnded(long scan, long nowUsec, bool isComplete = true)
    {
        Tap?.ScanEnded(scan, nowUsec, isComplete);
        BeginStep(nowUsec);
        if (scan != _reconciliation.Scan || !_reconciliation.IsScanning)
            return;
        if (_reconciliation.TryScanAgain())
        {
            EmitScan();
            return;
        }
        _reconciliation.EndScan();
        if (isComplete)
            _udev.ScanFloorUsec = _scanBeganUsec;
        Counters.ScansIncomplete += isComplete ? 0 : 1;
        _rescans.Ended(isComplete, nowUsec);
        foreach (var device in _tree.All().ToList())
        {
            if (!_reconciliation.IsMissing(device))
                continue;
            // A device that the scan did not find may still exist; only a look at its own path tells.
            _reconciliation.Enter(device);
            _settlement.Identify(device, null, nowUsec, reconcile: true);
        }
        _reconciliation.Limit(nowUsec);
        if (_reconciliation.IsConfirmed)
            _settlement.FinishReconcile();
    }

    /// <summary>Plans a new scan: an event was taken for another kobject's, so a device may exist that no event will report.</summary>
    public void RescanSoon(long nowUsec)
    {
        Tap?.Doubted(nowUsec);
        Doubt(nowUsec);
    }

    private void Doubt(long nowUsec) => _rescans.Doubt(_reconciliation.IsScanning, nowUsec);

    private void BeginReconcile()
    {
        _reconciliation.Begin(_events.Order);
        _scanBeganUsec = _nowUsec;
        EmitScan();
    }

    private void EmitScan() => _output.Emit(new EngineCommand(CommandKind.Scan, Number: _reconciliation.Scan));

    // A scan's result is older than the events stepped meanwhile: each difference gets a look and a drain.
    private void Compare(in ScannedDevice found, long nowUsec)
    {
        if (found.IsBus)
            _keys.AddBus(found.Subsystem);
        if (_tree.Find(found.Path) is not { } device)
        {
            var added = BeginAdd(ScanEvent(found, nowUsec), found.Path, found.Subsystem, nowUsec, scanned: true);
            _reconciliation.Found(added);
            _reconciliation.Enter(added);
            return;
        }
        _reconciliation.Found(device);
        if (device.CreatedOrder > _reconciliation.StartedOrder)
            return;
        // A pending event may report the difference by itself.
        var differs = device.State != DeviceState.Dropped && NewestProperties(device).DiffersFrom(found.Uevent);
        // An announced device whose instance was never identified, and whose uevent file differs now, is another device.
        var other = _reconciliation.IsOther(device, device.Subsystem != found.Subsystem
            || (KnownInstance(device) is { IsKnown: true } known ? known != found.Instance : differs && device.State == DeviceState.Announced));
        differs |= other;
        var refreshes = !differs && _reconciliation.MayHaveMissed && device.State == DeviceState.Announced && _settlement.MayBeOutdated(device);
        if (!differs && !refreshes && (device.Instance.IsKnown || device.State != DeviceState.Announced))
            return;
        _reconciliation.Enter(device);
        var news = differs || refreshes ? ScanEvent(found, nowUsec) : null;
        if (news is not null)
            (news.Action, news.IsRefresh) = (other ? UeventAction.Add : UeventAction.Change, refreshes);
        // udev processes events, and this is none: its latest report counts.
        if (news is { Action: UeventAction.Change })
            news.Udev = default;
        _settlement.Identify(device, news, nowUsec, reconcile: true);
    }

    private PendingEvent ScanEvent(in ScannedDevice found, long nowUsec)
    {
        var scanned = _events.New(UeventAction.Add, default, 0, synthetic: true, nowUsec);
        scanned.Properties.Set(Encoding.UTF8.GetBytes($"SUBSYSTEM={found.Subsystem}\0"));
        scanned.Properties.OverlayFile(found.Uevent);
        scanned.Subsystem = found.Subsystem;
        scanned.Path = found.Path;
        scanned.FileOf = found.Instance;
        scanned.Udev = scanned.Udev with { SinceUsec = _udev.ScanFloorUsec, SurelySinceUsec = _udev.ScanFloorUsec, BornUsec = _udev.ScanFloorUsec };
        return scanned;
    }
}
