namespace UeventManager.Core.Ordering;

/// <summary>What udev must be done with before an event may say that it is, and what an older file of its database is told by.</summary>
/// <param name="Seqnum">The event's SEQNUM, or that of the newest one folded into it; 0 if no event of the kernel's is behind it.</param>
/// <param name="Order">When that came, in the order of what happened.</param>
/// <param name="SinceUsec">A file that was written before is of another event, or of another device; 0 if any counts.</param>
/// <param name="SurelySinceUsec">The same, for where this process was behind: when it is sure that the event had not been sent.</param>
internal readonly record struct UdevMark(long Seqnum, long Order, long SinceUsec, long SurelySinceUsec)
{
    /// <summary>
    /// The inode of the file as the first look after that found it; 0 if there was none, or nobody has looked. Another one was written since, also
    /// where the clock of the file system is too coarse to tell.
    /// </summary>
    public ulong FirstInode { get; init; }

    /// <summary>True after the first look.</summary>
    public bool IsSeen { get; init; }

    /// <summary>True if nothing was folded into the event.</summary>
    public bool IsFirst { get; init; }

    /// <summary>Of an add: what was written before is of another device, whatever was folded in since; 0 if any counts.</summary>
    public long BornUsec { get; init; }

    /// <summary>The same, of an event that waits for nothing: what udev said last of the device, whatever it was about.</summary>
    /// <param name="order">When the device became known.</param>
    public UdevMark Last(long order) => new(0, order, BornUsec, BornUsec);

    /// <summary>The same, of a newer event.</summary>
    public UdevMark Newer(in UdevMark mark) => mark with { BornUsec = BornUsec, IsFirst = false };
}
