namespace UeventManager.Core.Settle;

/// <summary>
/// The intervals between looks. sysfs does not report that a file was created (kernfs raises no inotify event for it), so looks come at growing
/// intervals: what appears t after arrival is seen within max(1 ms, 10 % of t), and within 4 % and 4 ms in the first four seconds while few devices
/// wait and looks cost next to nothing.
/// </summary>
public static class LookTimes
{
    /// <summary>The shortest interval, in microseconds, for the first millisecond, in which half of the late files appear.</summary>
    public const long ShortestUsec = 200;

    /// <summary>The interval from two to ten milliseconds, in microseconds; in between it grows with the time waited.</summary>
    public const long ShortUsec = 400;

    /// <summary>The interval as a share of the time waited: one in thirteen, 7.7 %.</summary>
    public const long Share = 13;

    /// <summary>The same while few devices wait: one in twenty-five, 4 %.</summary>
    public const long EagerShare = 25;

    /// <summary>
    /// The longest interval while few devices wait, in microseconds, for the first four seconds; then a thousandth of the time waited. A client
    /// behind another program, as libvirt behind the forwarder, must get a device within ten milliseconds after it is complete.
    /// </summary>
    public const long EagerUsec = 4_000;

    private const long EagerLongShare = 1_000;

    private const long ShortShare = 5;

    // The growth counts from here, so that the interval goes on without a jump at ten milliseconds.
    private const long GrowsFromUsec = 10_000 - (Share * ShortUsec);

    /// <summary>
    /// How much too early a look may come, in microseconds, to share another look's wake-up, because waking up costs more than a look.
    /// </summary>
    public const long EarlyUsec = 50;

    /// <summary>The interval for held devices, in microseconds.</summary>
    public const long HeldUsec = 30_000_000;

    /// <summary>The time before a deadline at which the last look begins, in microseconds.</summary>
    public const long BeforeDeadlineUsec = 500;

    /// <summary>The time limit for one value that is read by itself because one of several hangs, in microseconds.</summary>
    public const long SingleReadUsec = 50_000;

    /// <summary>The longest wait, in microseconds, for the move or the remove of a device whose directory is gone.</summary>
    public const long GoneUsec = 50_000;

    /// <summary>The shortest interval between failing looks, in microseconds.</summary>
    public const long ShortestRetryUsec = 5_000;

    /// <summary>The longest interval between failing looks, in microseconds: the missing descriptors or memory may be back at any time.</summary>
    public const long LongestRetryUsec = 500_000;

    /// <summary>The time to repeat a failed look.</summary>
    /// <param name="sinceUsec">The time of the first failure.</param>
    /// <param name="nowUsec">Now.</param>
    public static long Retry(long sinceUsec, long nowUsec) =>
        nowUsec + Math.Clamp((nowUsec - sinceUsec) / ShortShare, ShortestRetryUsec, LongestRetryUsec);

    /// <summary>The time of the next look for a waiting event.</summary>
    /// <param name="arrivedUsec">The event's arrival.</param>
    /// <param name="nowUsec">Now.</param>
    /// <param name="deadlineUsec">The event's deadline.</param>
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
