namespace UeventManager.KernelTests.Differential;

/// <summary>Promises that are known to be broken and are not mended yet: each is left unchecked, and only that one.</summary>
[Flags]
internal enum Tolerance
{
    None = 0,

    /// <summary>G11: an event that waits for nothing carries what the last announcement found.</summary>
    StaleValues = 1,

    /// <summary>G2, G7: an add right behind a state repeats what the state had.</summary>
    RepeatedState = 2,

    /// <summary>G6: List has another parent of a device than its last event said.</summary>
    UntoldParent = 4,

    /// <summary>SIGTERM ends the daemon with another code than 0.</summary>
    ExitCode = 8,

    /// <summary>G3, G6: a subscriber with a filter is not told of a rename above what it knows, or by the wrong path.</summary>
    FilteredMoves = 16,

    /// <summary>Another device at a path, whose add was lost, keeps the subsystem of the one before it.</summary>
    StaleSubsystem = 32,

    /// <summary>G3, G4, G7: while a move waits to be delivered, a state has the new path already, and a remove of the old parent comes before it.</summary>
    WaitingMoves = 64,

    /// <summary>A look that is given up in the step in which it began ends the daemon.</summary>
    AbandonedLooks = 128,

    /// <summary>G4: a remove that is made up for a second add leaves the devices below.</summary>
    ReplacedParent = 256,
}
