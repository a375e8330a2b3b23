namespace UeventManager.Core.Ordering;

/// <summary>
/// The event that udev must have processed for a condition on udev to hold, and how an older file in udev's database is recognised.
/// </summary>
/// <param name="Seqnum">The event's SEQNUM, or that of the newest event folded into it; 0 for a synthetic event.</param>
/// <param name="Order">The order of that event's arrival.</param>
/// <param name="SinceUsec">A file written before this time belongs to another event or another device; 0 if any file counts.</param>
/// <param name="SurelySinceUsec">The same for a process that was behind: the event had certainly not been sent before this time.</param>
internal readonly record struct UdevMark(long Seqnum, long Order, long SinceUsec, long SurelySinceUsec)
{
    /// <summary>
    /// The inode of the database file at the first look after the event; 0 if there was no file or no look. A file with another inode was written
    /// since, also if the file system's clock is too coarse to show it.
    /// </summary>
    public ulong FirstInode { get; init; }

    /// <summary>True after the first look.</summary>
    public bool IsSeen { get; init; }

    /// <summary>True if nothing was folded into the event.</summary>
    public bool IsFirst { get; init; }

    /// <summary>For an add: a file written before this time belongs to another device, whatever was folded in since; 0 if any file counts.</summary>
    public long BornUsec { get; init; }

    /// <summary>The mark of an event without conditions: the latest that udev has reported about the device counts, for whichever event.</summary>
    /// <param name="order">The order in which the device became known.</param>
    public UdevMark Last(long order) => new(0, order, BornUsec, BornUsec);

    /// <summary>The mark after a newer event was folded in.</summary>
    public UdevMark Newer(in UdevMark mark) => mark with { BornUsec = BornUsec, IsFirst = false };
}
