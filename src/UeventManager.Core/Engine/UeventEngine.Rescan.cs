namespace UeventManager.Core.Engine;

// Where a scan could not read all, or an event could not be told from another kobject's, sysfs is read again. Subscribers get no gap:
// nothing is known to be lost, and what differs are events of ours.
public sealed partial class UeventEngine
{
    /// <summary>Time to the first of the scans after a doubt, in microseconds. Each further one comes after twice the time.</summary>
    public const long ShortestRescanUsec = 20_000;

    /// <summary>Longest time between two scans that cannot read all, in microseconds.</summary>
    public const long LongestRescanUsec = 10_000_000;

    /// <summary>Scans after a doubt: within 1.3 s a class or a link is there that was made right after a device's event.</summary>
    public const int ScansPerDoubt = 6;

    private long _rescanUsec = long.MaxValue;
    private long _rescanIntervalUsec;
    private int _rescansLeft;
    private bool _scannedAll = true;

    /// <summary>There may be a device that no event will tell of: an event of it was taken for another kobject's.</summary>
    public void RescanSoon(long nowUsec)
    {
        if (_rescansLeft == 0)
            _rescanIntervalUsec = ShortestRescanUsec;
        _rescansLeft = ScansPerDoubt;
        if (_rescanUsec == long.MaxValue && !_scanning)
            _rescanUsec = nowUsec + _rescanIntervalUsec;
    }

    private void ScheduleRescan(bool isComplete, long nowUsec)
    {
        _rescanUsec = long.MaxValue;
        _scannedAll = isComplete;
        if (!isComplete)
        {
            Counters.ScansIncomplete++;
            _rescansLeft = Math.Max(_rescansLeft, 1);
        }
        else if (_rescansLeft > 0)
        {
            _rescansLeft--;
        }
        if (_rescansLeft == 0)
        {
            _rescanIntervalUsec = 0;
            return;
        }
        _rescanIntervalUsec = Math.Clamp(_rescanIntervalUsec * 2, ShortestRescanUsec, LongestRescanUsec);
        _rescanUsec = nowUsec + _rescanIntervalUsec;
    }

    private void Rescan(long nowUsec)
    {
        _rescanUsec = long.MaxValue;
        // Whoever is confirmed from the scan before has to be first.
        if (IsReconciling)
            _rescanUsec = nowUsec + ShortestRescanUsec;
        else
            BeginReconcile();
    }
}
