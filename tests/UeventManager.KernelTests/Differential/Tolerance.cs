namespace UeventManager.KernelTests.Differential;

/// <summary>Promises that are known to be broken and are not mended yet: each is left unchecked, and only that one.</summary>
[Flags]
internal enum Tolerance
{
    None = 0,

    /// <summary>G11: an event that waits for nothing carries what the last announcement found.</summary>
    StaleValues = 1,

    /// <summary>
    /// G3: who was announced below a place where no device was, and to which one is moved whose move has to wait, is taken for one that moves
    /// with it.
    /// </summary>
    EarlyOrphan = 2,

    /// <summary>
    /// Where the kernel says nothing of a device that takes another's path, or what is not true, it may keep the other one's subsystem until a
    /// scan tells.
    /// </summary>
    StaleSubsystem = 4,
}
