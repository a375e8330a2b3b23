namespace UeventManager.Core.Reconcile;

/// <summary>
/// When sysfs is read again where a scan could not read all, or an event could not be told from another kobject's. Subscribers get no gap: nothing is
/// known to be lost, and what differs are events of ours.
/// </summary>
internal sealed class Rescans
{
    /// <summary>Time to the first of the scans after a doubt, in microseconds. Each further one comes after twice the time.</summary>
    public const long ShortestUsec = 20_000;

    /// <summary>Longest time between two scans that cannot read all, in microseconds.</summary>
    public const long LongestUsec = 10_000_000;

    /// <summary>Scans after a doubt: within 1.3 s a class or a link is there that was made right after a device's event.</summary>
    public const int PerDoubt = 6;

    private long _intervalUsec;
    private int _left;

    /// <summary>When the next one is due; <see cref="long.MaxValue"/> if none is.</summary>
    public long NextUsec { get; private set; } = long.MaxValue;

    /// <summary>True if the last scan could read all.</summary>
    public bool SawAll { get; private set; } = true;

    /// <summary>There may be a device that no event will tell of.</summary>
    public void Doubt(bool isScanning, long nowUsec)
    {
        if (_left == 0)
            _intervalUsec = ShortestUsec;
        _left = PerDoubt;
        if (NextUsec == long.MaxValue && !isScanning)
            NextUsec = nowUsec + _intervalUsec;
    }

    /// <summary>A scan has ended.</summary>
    public void Ended(bool isComplete, long nowUsec)
    {
        (NextUsec, SawAll) = (long.MaxValue, isComplete);
        if (!isComplete)
            _left = Math.Max(_left, 1);
        else if (_left > 0)
            _left--;
        if (_left == 0)
        {
            _intervalUsec = 0;
            return;
        }
        _intervalUsec = Math.Clamp(_intervalUsec * 2, ShortestUsec, LongestUsec);
        NextUsec = nowUsec + _intervalUsec;
    }

    /// <summary>It is due, once the devices from the previous scan are confirmed.</summary>
    /// <returns>True if it is to begin.</returns>
    public bool TakeDue(bool isReconciling, long nowUsec)
    {
        NextUsec = isReconciling ? nowUsec + ShortestUsec : long.MaxValue;
        return !isReconciling;
    }
}
