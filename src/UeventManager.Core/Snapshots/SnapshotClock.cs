namespace UeventManager.Core.Snapshots;

/// <summary>
/// Translates the times of a snapshot to the reader's clock. CLOCK_MONOTONIC may be another clock: in another time namespace (time_namespaces(7)), or
/// in a virtual machine that was put back to an earlier state. The time at which the snapshot was written then counts as now: a device that had
/// waited for three of its five seconds still waits for two.
/// </summary>
/// <param name="SavedUsec">The time of writing, by the writer's clock, in microseconds.</param>
/// <param name="NowUsec">Now, by the reader's clock, in microseconds.</param>
/// <param name="IsSame">True if it is known to be the same clock.</param>
public readonly record struct SnapshotClock(long SavedUsec, long NowUsec, bool IsSame)
{
    /// <summary>True if the times need no translation.</summary>
    public bool GoesOn => IsSame && NowUsec >= SavedUsec;

    /// <summary>A time of the snapshot, by the reader's clock; never after now.</summary>
    public long Translate(long usec) => GoesOn ? usec : Math.Max(0, usec - SavedUsec + NowUsec);
}
