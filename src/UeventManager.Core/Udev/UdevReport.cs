namespace UeventManager.Core.Udev;

/// <summary>What udev has reported about one device.</summary>
internal struct UdevReport
{
    /// <summary>SEQNUM of the newest event that udevd broadcast; 0 if none.</summary>
    public long Seqnum;

    /// <summary>The time of that broadcast, in CLOCK_MONOTONIC microseconds.</summary>
    public long HeardUsec;

    /// <summary>The broadcast's place in the order.</summary>
    public long HeardOrder;

    /// <summary>The time of the first broadcast, if it was about the device's add.</summary>
    public long FirstUsec;

    /// <summary>True if udevd's worker had failed.</summary>
    public bool WorkerFailed;

    /// <summary>True if a look after the broadcast found the device incomplete.</summary>
    public bool IsEarly;

    /// <summary>True once it is counted whether udev was early.</summary>
    public bool IsCounted;

    /// <summary>The broadcast's properties; null if no rule asks udev, or there was no broadcast.</summary>
    public byte[]? Properties;

    /// <summary>A database file written before this time belongs to another device; 0 if any file counts.</summary>
    public long BornUsec;

    /// <summary>The inode of the database file at a look; 0 if no look found one.</summary>
    public ulong SeenInode;

    /// <summary>The time at which a look first found that file.</summary>
    public long SeenUsec;

    /// <summary>The source that the last look used.</summary>
    public Rules.UdevSource Used;
}
