namespace UeventManager.KernelTests.Differential;

/// <summary>Promises that are known to be broken and are not mended yet: each is left unchecked, and only that one.</summary>
[Flags]
internal enum Tolerance
{
    None = 0,

    /// <summary>G11: an event that waits for nothing carries what the last announcement found.</summary>
    StaleValues = 1,

    /// <summary>Another device at a path, whose add was lost, keeps the subsystem of the one before it.</summary>
    StaleSubsystem = 2,

    /// <summary>G4: a remove that is made up for a second add leaves the devices below.</summary>
    ReplacedParent = 4,
}
