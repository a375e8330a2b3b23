namespace UeventManager.Core.Snapshots;

/// <summary>
/// Translates the times of a snapshot to the reader's clock. CLOCK_MONOTONIC is not one clock for ever: another time namespace has another
/// (time_namespaces(7)), and a virtual machine that was put back to an earlier state has an earlier one. Then the moment at which the snapshot was
/// written counts as now: a device that had waited for three of its five seconds still waits for two.
/// </summary>
/// <param name="SavedUsec">When it was written, by the writer's clock.</param>
/// <param name="NowUsec">Now, by the reader's clock.</param>
/// <param name="IsSame">True if it is known to be the same clock.</param>
public readonly record struct SnapshotClock(long SavedUsec, long NowUsec, bool IsSame)
{
    /// <summary>True if times are as they were written.</summary>
    public bool GoesOn => IsSame && NowUsec >= SavedUsec;

    /// <summary>A time of the snapshot, by the reader's clock; never after now.</summary>
    public long Translate(long usec) => GoesOn ? usec : Math.Max(0, usec - SavedUsec + NowUsec);
}
