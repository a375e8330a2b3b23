using UeventManager.Core.Ordering;

namespace UeventManager.Core.Reconcile;

/// <summary>How the known state is made to agree with sysfs: the scans, which devices are still to be confirmed, and which are being replaced by another instance.</summary>
internal sealed class Reconciliation
{
    /// <summary>How long after a scan its first looks may take until the state counts as reconciled, in microseconds.</summary>
    public const long GraceUsec = 1_000_000;

    /// <summary>Most scans of one reconciliation: a rename during a scan makes it begin again.</summary>
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

    /// <summary>True from its beginning until the state agrees with sysfs.</summary>
    public bool IsRunning { get; private set; }

    /// <summary>The number of the newest scan.</summary>
    public long Scan { get; set; }

    /// <summary>True while a scan is under way, or about to begin.</summary>
    public bool IsScanning { get; private set; }

    /// <summary>The last event before the reconciliation began.</summary>
    public long StartedOrder { get; private set; }

    /// <summary>Subscribers were told a gap and get the state at the end.</summary>
    public bool IsGap { get; private set; }

    /// <summary>When it ends although not everybody is confirmed; <see cref="long.MaxValue"/> before the end of the scan.</summary>
    public long DeadlineUsec { get; private set; } = long.MaxValue;

    /// <summary>True if a device is about to be replaced by another instance.</summary>
    public bool IsReplacing => _replacing.Count > 0;

    /// <summary>True if it could end now.</summary>
    public bool IsConfirmed => _unconfirmed.Count + _replacements == 0 && !IsScanning;

    /// <summary>It begins.</summary>
    /// <param name="order">The last event.</param>
    public void Begin(long order)
    {
        (IsRunning, DeadlineUsec, StartedOrder, _scansLeft) = (true, long.MaxValue, order, MaxScans - 1);
        BeginScan();
    }

    /// <summary>Begins another scan where what this one read below a renamed directory is nowhere any more.</summary>
    /// <returns>False if this scan counts.</returns>
    public bool TryScanAgain()
    {
        if (!_renamed || _scansLeft == 0)
            return false;
        _scansLeft--;
        BeginScan();
        return true;
    }

    /// <summary>Something was renamed.</summary>
    public void Renamed() => _renamed |= IsScanning;

    /// <summary>The scan is over.</summary>
    public void EndScan() => IsScanning = false;

    /// <summary>Everybody whom the scan concerns has been asked for.</summary>
    public void Limit(long nowUsec) => DeadlineUsec = nowUsec + GraceUsec;

    /// <summary>It ends.</summary>
    /// <returns>False if it was not running.</returns>
    public bool End()
    {
        DeadlineUsec = long.MaxValue;
        if (!IsRunning)
            return false;
        (IsRunning, IsGap) = (false, false);
        return true;
    }

    /// <summary>What is known now was before events were lost, until a scan has compared it.</summary>
    public void Lose(long order) => (_lossOrder, _scanOfLoss) = (order, Scan + 1);

    /// <summary>Subscribers are told a gap. Nothing ends the reconciliation before the next scan.</summary>
    public void BeginGap() => (IsGap, IsScanning) = (true, true);

    /// <summary>
    /// Whether a look can identify a device that was announced before its instance was seen. It may have been replaced when events were lost: then
    /// only a scan that has read its uevent file since tells, not a look at the device that is there now.
    /// </summary>
    public bool MayAdopt(Device device) => device.CreatedOrder > _lossOrder || _marks[device].Seen >= _scanOfLoss;

    /// <summary>The scan has found a device.</summary>
    public void Found(Device device) => _marks[device].Seen = Scan;

    /// <summary>Whether the scan says nothing of a device that was there when it began.</summary>
    public bool IsMissing(Device device) => _marks[device].Seen != Scan && device.CreatedOrder <= StartedOrder;

    /// <summary>Whether the scan has found another instance than the one that is known, or a device is below one of which it has.</summary>
    /// <param name="device">The device.</param>
    /// <param name="isOther">What the scan says of the device itself.</param>
    public bool IsOther(Device device, bool isOther)
    {
        // Where a parent was re-created, all that was below the old one is gone, whatever it looks like.
        for (var above = device.Node.ParentDevice; above is not null && !isOther; above = above.Node.ParentDevice)
            isOther = _marks[above].Differs == Scan;
        if (isOther)
            _marks[device].Differs = Scan;
        return isOther;
    }

    /// <summary>A device is to be confirmed before the state agrees with sysfs.</summary>
    public void Enter(Device device)
    {
        if (IsRunning)
            _unconfirmed.Add(device);
    }

    /// <summary>A device is confirmed, or waits for its conditions.</summary>
    /// <returns>True if it was the last one.</returns>
    public bool Leave(Device device) => _unconfirmed.Count > 0 && _unconfirmed.Remove(device) && IsConfirmed;

    /// <summary>
    /// A device is replaced. The state is not reconciled before the instance that takes its place has been looked at: the old one must not be the last
    /// to leave.
    /// </summary>
    /// <returns>Whether the old one was to be confirmed.</returns>
    public bool BeginReplacement(Device device)
    {
        _replacements++;
        return _unconfirmed.Contains(device);
    }

    /// <summary>The other instance is known.</summary>
    /// <returns>True if nobody else is to be confirmed.</returns>
    public bool EndReplacement()
    {
        _replacements--;
        return IsConfirmed;
    }

    /// <summary>Another instance is about to take a device's place: what became known below it after this order waits for that one. 0 if none is.</summary>
    public long ReplaceOrder(Device device) => _replacing.Count == 0 ? 0 : _replacing.GetValueOrDefault(device);

    /// <summary>Sets what <see cref="ReplaceOrder"/> tells.</summary>
    public void SetReplacing(Device device, long order)
    {
        if (order == 0)
            _replacing.Remove(device);
        else
            _replacing[device] = order;
    }

    /// <summary>A device is replaced: what is below it goes with it, unless it came later.</summary>
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

    /// <summary>Whether a device has gone with one above that was replaced.</summary>
    public bool IsSwept(Device device) => _swept.Contains(device);

    /// <summary>Nothing is drained any more, so nothing asks which devices were swept away.</summary>
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
