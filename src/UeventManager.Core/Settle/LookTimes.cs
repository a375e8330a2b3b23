namespace UeventManager.Core.Settle;

/// <summary>
/// When to look again. sysfs tells nobody that a file was created (kernfs raises no inotify event for it), so looks come
/// at growing intervals: what appears t after arrival is seen within max(1 ms, 10 % of t), and within 4 % and 4 ms in the first four seconds while
/// looks cost next to nothing, because few devices wait.
/// </summary>
public static class LookTimes
{
    /// <summary>Shortest interval, in microseconds: that of the first millisecond, in which half of what is late appears.</summary>
    public const long ShortestUsec = 200;

    /// <summary>Interval from two to ten milliseconds, in microseconds; in between it grows with the time waited.</summary>
    public const long ShortUsec = 400;

    /// <summary>Interval as a share of the time waited: one in thirteen, 7.7 %.</summary>
    public const long Share = 13;

    /// <summary>The same while few devices wait: one in twenty-five, 4 %.</summary>
    public const long EagerShare = 25;

    /// <summary>
    /// Longest interval while few devices wait, in microseconds, for the first four seconds; then a thousandth of the time waited. A client that is told by
    /// others, as libvirt is by the forwarder, is to hear of a device within ten milliseconds of its being complete, whenever that is.
    /// </summary>
    public const long EagerUsec = 4_000;

    private const long EagerLongShare = 1_000;

    private const long ShortShare = 5;

    // Counted from here, so that the intervals grow on after ten milliseconds.
    private const long GrowsFromUsec = 10_000 - (Share * ShortUsec);

    /// <summary>How much too early a look may come, microseconds, to share the wake-up of another: waking up costs more than a look.</summary>
    public const long EarlyUsec = 50;

    /// <summary>Interval of devices that are held, in microseconds.</summary>
    public const long HeldUsec = 30_000_000;

    /// <summary>How long before a deadline the last look begins, in microseconds.</summary>
    public const long BeforeDeadlineUsec = 500;

    /// <summary>How long one value may take that is read by itself because one of several hangs, in microseconds.</summary>
    public const long SingleReadUsec = 50_000;

    /// <summary>Shortest interval of looks that cannot be made, in microseconds.</summary>
    public const long ShortestRetryUsec = 5_000;

    /// <summary>Longest interval of looks that cannot be made, in microseconds: what was wanting may be there again at any time.</summary>
    public const long LongestRetryUsec = 500_000;

    /// <summary>When to try a look again that could not be made.</summary>
    /// <param name="sinceUsec">When it was first tried in vain.</param>
    /// <param name="nowUsec">Now.</param>
    public static long Retry(long sinceUsec, long nowUsec) =>
        nowUsec + Math.Clamp((nowUsec - sinceUsec) / ShortShare, ShortestRetryUsec, LongestRetryUsec);

    /// <summary>Time of the next look of an event that waits.</summary>
    /// <param name="arrivedUsec">When it arrived.</param>
    /// <param name="nowUsec">Now.</param>
    /// <param name="deadlineUsec">When its time is over.</param>
    /// <param name="eager">True while repeated looks cost next to nothing.</param>
    public static long Next(long arrivedUsec, long nowUsec, long deadlineUsec, bool eager)
    {
        var waited = nowUsec - arrivedUsec;
        var shared = (waited - GrowsFromUsec) / Share;
        var share = eager ? Math.Min(shared, Math.Max(Math.Min(waited / EagerShare, EagerUsec), waited / EagerLongShare)) : shared;
        var next = nowUsec + Math.Max(Math.Clamp(waited / ShortShare, ShortestUsec, ShortUsec), share);
        var last = deadlineUsec - BeforeDeadlineUsec;
        return nowUsec < last ? Math.Min(next, last) : Math.Min(next, deadlineUsec);
    }
}
