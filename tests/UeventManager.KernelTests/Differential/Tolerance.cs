namespace UeventManager.KernelTests.Differential;

/// <summary>Promises that are known to be broken and are not mended yet: each is left unchecked, and only that one.</summary>
[Flags]
internal enum Tolerance
{
    None = 0,

    /// <summary>
    /// Where the kernel says nothing of a device that takes another's path, or what is not true, it may keep the other one's subsystem until a
    /// scan tells.
    /// </summary>
    StaleSubsystem = 1,
}
