using UeventManager.Core.Ordering;

namespace UeventManager.Core.Reconcile;

/// <summary>
/// One reconciliation of the known state with sysfs: its scans, the devices still to be confirmed, and the devices being replaced by another
/// instance.
/// </summary>
internal sealed class Reconciliation
{
    /// <summary>The time after a scan within which its first looks may delay the end of the reconciliation, in microseconds.</summary>
    public const long GraceUsec = 1_000_000;

    /// <summary>The most scans of one reconciliation: a rename during a scan makes another scan necessary.</summary>
    public const int MaxScans = 8;

    private readonly DeviceColumn<ScanMarks> _marks = new();
    private readonly HashSet<Device> _unconfirmed = [];
    private readonly Dictionary<Device, long> _replacing = [];
    private readonly HashSet<Device> _swept = [];
    private int _scansLeft;
    private int _replacements;
    private bool _renamed;
    private long _lossOrder;
    private long _scanOfLoss;

    /// <summary>True until the state agrees with sysfs.</summary>
    public bool IsRunning { get; private set; }

    /// <summary>The number of the newest scan.</summary>
    public long Scan { get; set; }

    /// <summary>True while a scan is under way, or about to begin.</summary>
    public bool IsScanning { get; private set; }

    /// <summary>The last event before the reconciliation.</summary>
    public long StartedOrder { get; private set; }

    /// <summary>True if subscribers got a gap, and get the state at the end.</summary>
    public bool IsGap { get; private set; }

    /// <summary>True if events may have been lost, so that the findings of announced devices may be outdated too.</summary>
    public bool MayHaveMissed { get; set; }

    /// <summary>The time at which it ends even if devices are unconfirmed; <see cref="long.MaxValue"/> before the end of the scan.</summary>
    public long DeadlineUsec { get; private set; } = long.MaxValue;

    /// <summary>True if another instance is about to replace a device.</summary>
    public bool IsReplacing => _replacing.Count > 0;

    /// <summary>True if it could end now.</summary>
    public bool IsConfirmed => _unconfirmed.Count + _replacements == 0 && !IsScanning;

    /// <summary>Begins a reconciliation.</summary>
    /// <param name="order">The last event.</param>
    public void Begin(long order)
    {
        (IsRunning, DeadlineUsec, StartedOrder, _scansLeft) = (true, long.MaxValue, order, MaxScans - 1);
        BeginScan();
    }

    /// <summary>
    /// Begins another scan if something was renamed meanwhile: devices that this scan read below a renamed directory have other paths now.
    /// </summary>
    /// <returns>False if this scan is valid.</returns>
    public bool TryScanAgain()
    {
        if (!_renamed || _scansLeft == 0)
            return false;
        _scansLeft--;
        BeginScan();
        return true;
    }

    /// <summary>Notes a rename.</summary>
    public void Renamed() => _renamed |= IsScanning;

    /// <summary>Ends the scan.</summary>
    public void EndScan() => IsScanning = false;

    /// <summary>Sets the deadline: looks at all devices that the scan concerns have been started.</summary>
    public void Limit(long nowUsec) => DeadlineUsec = nowUsec + GraceUsec;

    /// <summary>Ends the reconciliation.</summary>
    /// <returns>False if it was not running.</returns>
    public bool End()
    {
        DeadlineUsec = long.MaxValue;
        if (!IsRunning)
            return false;
        (IsRunning, IsGap, MayHaveMissed) = (false, false, false);
        return true;
    }

    /// <summary>Notes a loss of events: everything known is doubtful until a scan has compared it.</summary>
    public void Lose(long order) => (_lossOrder, _scanOfLoss) = (order, Scan + 1);

    /// <summary>Notes that subscribers got a gap. The reconciliation cannot end before the next scan.</summary>
    public void BeginGap() => (IsGap, IsScanning) = (true, true);

    /// <summary>
    /// Whether a look may identify a device that was announced before its instance was seen. The device may have been replaced while events were
    /// lost: then a look at its path does not tell, only a scan that has read its uevent file since.
    /// </summary>
    public bool MayAdopt(Device device) => device.CreatedOrder > _lossOrder || _marks[device].Seen >= _scanOfLoss;

    /// <summary>Notes that the scan has found a device.</summary>
    public void Found(Device device) => _marks[device].Seen = Scan;

    /// <summary>Whether the scan has not found a device that existed when it began.</summary>
    public bool IsMissing(Device device) => _marks[device].Seen != Scan && device.CreatedOrder <= StartedOrder;

    /// <summary>Whether the scan has found another instance at this path or at an ancestor's.</summary>
    /// <param name="device">The device.</param>
    /// <param name="isOther">The scan's result for the device itself.</param>
    public bool IsOther(Device device, bool isOther)
    {
        // If a parent was re-created, everything below the old one is gone, whatever is there now.
        for (var above = device.Node.ParentDevice; above is not null && !isOther; above = above.Node.ParentDevice)
            isOther = _marks[above].Differs == Scan;
        if (isOther)
            _marks[device].Differs = Scan;
        return isOther;
    }

    /// <summary>Adds a device that must be confirmed before the reconciliation ends.</summary>
    public void Enter(Device device)
    {
        if (IsRunning)
            _unconfirmed.Add(device);
    }

    /// <summary>Removes a device that is confirmed, or waits for its conditions.</summary>
    /// <returns>True if it was the last one.</returns>
    public bool Leave(Device device) => _unconfirmed.Count > 0 && _unconfirmed.Remove(device) && IsConfirmed;

    /// <summary>
    /// Begins to replace a device. The reconciliation must not end before the new instance has been looked at, even if the old one was the last
    /// unconfirmed device.
    /// </summary>
    /// <returns>Whether the old instance was unconfirmed.</returns>
    public bool BeginReplacement(Device device)
    {
        _replacements++;
        return _unconfirmed.Contains(device);
    }

    /// <summary>Ends a replacement: the new instance is known.</summary>
    /// <returns>True if no device is unconfirmed.</returns>
    public bool EndReplacement()
    {
        _replacements--;
        return IsConfirmed;
    }

    /// <summary>
    /// The order after which descendants belong to the new instance that is about to replace the device, and wait for it; 0 if there is none.
    /// </summary>
    public long ReplaceOrder(Device device) => _replacing.Count == 0 ? 0 : _replacing.GetValueOrDefault(device);

    /// <summary>Sets <see cref="ReplaceOrder"/>.</summary>
    public void SetReplacing(Device device, long order)
    {
        if (order == 0)
            _replacing.Remove(device);
        else
            _replacing[device] = order;
    }

    /// <summary>Marks the descendants of a replaced device as swept, except those that came later.</summary>
    public void Sweep(Device device, long upTo)
    {
        foreach (var below in DeviceTree.Descendants(device))
        {
            if (below.PlacedOrder <= upTo)
                _swept.Add(below);
            else
                _swept.Remove(below);
        }
    }

    /// <summary>Whether a device was removed with a replaced ancestor.</summary>
    public bool IsSwept(Device device) => _swept.Contains(device);

    /// <summary>Forgets the swept devices: no drain is left that could ask for them.</summary>
    public void ForgetSwept() => _swept.Clear();

    private void BeginScan()
    {
        Scan++;
        (IsScanning, _renamed) = (true, false);
    }

    private struct ScanMarks
    {
        public long Seen;
        public long Differs;
    }
}
