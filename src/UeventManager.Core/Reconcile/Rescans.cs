namespace UeventManager.Core.Reconcile;

/// <summary>
/// Further scans, if a scan could not read all of sysfs, or an event could have been another kobject's. Subscribers get no gap, because no loss is
/// known; differences are delivered as synthetic events.
/// </summary>
internal sealed class Rescans
{
    /// <summary>The time to the first scan after a doubt, in microseconds; each further interval is twice as long.</summary>
    public const long ShortestUsec = 20_000;

    /// <summary>The longest interval between incomplete scans, in microseconds.</summary>
    public const long LongestUsec = 10_000_000;

    /// <summary>The number of scans after a doubt: within 1.3 s a class or a link exists that was created right after a device's event.</summary>
    public const int PerDoubt = 6;

    private long _intervalUsec;
    private int _left;

    /// <summary>The time of the next scan; <see cref="long.MaxValue"/> if there is none.</summary>
    public long NextUsec { get; private set; } = long.MaxValue;

    /// <summary>True if the last scan was complete.</summary>
    public bool SawAll { get; private set; } = true;

    /// <summary>Plans scans because a device may exist that no event will report.</summary>
    public void Doubt(bool isScanning, long nowUsec)
    {
        if (_left == 0)
            _intervalUsec = ShortestUsec;
        _left = PerDoubt;
        if (NextUsec == long.MaxValue && !isScanning)
            NextUsec = nowUsec + _intervalUsec;
    }

    /// <summary>Notes the end of a scan.</summary>
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

    /// <summary>Takes a due scan; it is put off while devices of the previous scan are unconfirmed.</summary>
    /// <returns>True if the scan must begin.</returns>
    public bool TakeDue(bool isReconciling, long nowUsec)
    {
        NextUsec = isReconciling ? nowUsec + ShortestUsec : long.MaxValue;
        return !isReconciling;
    }
}
