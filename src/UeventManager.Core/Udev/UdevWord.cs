namespace UeventManager.Core.Udev;

/// <summary>What udev has said of one device.</summary>
internal struct UdevWord
{
    /// <summary>SEQNUM of the newest event that udevd told; 0 if none.</summary>
    public long Seqnum;

    /// <summary>When that was, CLOCK_MONOTONIC microseconds.</summary>
    public long HeardUsec;

    /// <summary>The same in the order of what happened.</summary>
    public long HeardOrder;

    /// <summary>When it told of the device for the first time, if that was its add.</summary>
    public long FirstUsec;

    /// <summary>Its worker had failed.</summary>
    public bool WorkerFailed;

    /// <summary>A look after that found the device incomplete.</summary>
    public bool IsEarly;

    /// <summary>Whether udev was early has been counted.</summary>
    public bool IsCounted;

    /// <summary>What it said; null where no rule asks, or nothing was heard.</summary>
    public byte[]? Properties;

    /// <summary>What its database file says was written before is another device's; 0 if nothing is.</summary>
    public long BornUsec;

    /// <summary>The inode of its database file as a look found it; 0 if none did.</summary>
    public ulong SeenInode;

    /// <summary>When it was found first.</summary>
    public long SeenUsec;

    /// <summary>The source that the last look used.</summary>
    public Rules.UdevSource Used;
}
