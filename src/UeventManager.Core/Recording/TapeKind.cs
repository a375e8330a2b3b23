namespace UeventManager.Core.Recording;

/// <summary>What a frame of a <see cref="TapeWriter"/> says. The numbers stand in recordings.</summary>
public enum TapeKind : byte
{
    /// <summary>What the last step wants done.</summary>
    Gave = 1,

    /// <summary>Another wake-up began.</summary>
    Wakeup = 2,

    /// <summary>The wall clock.</summary>
    Realtime = 3,

    /// <summary>When the kernel may have sent what follows.</summary>
    SentSince = 4,

    /// <summary>A uevent.</summary>
    Uevent = 5,

    /// <summary>udevd told of an event.</summary>
    UdevSaid = 6,

    /// <summary>Broadcasts of udevd were lost.</summary>
    UdevLost = 7,

    /// <summary>Broadcasts of udevd come in from now on.</summary>
    ListensToUdev = 8,

    /// <summary>A look was answered.</summary>
    Answered = 9,

    /// <summary>A read that was given up has returned.</summary>
    ReadReturned = 10,

    /// <summary>The socket was drained.</summary>
    Drained = 11,

    /// <summary>Something was due.</summary>
    Timer = 12,

    /// <summary>A reconciliation began.</summary>
    Reconciles = 13,

    /// <summary>The engine went on from a hand-over.</summary>
    Resumed = 14,

    /// <summary>Uevents were lost.</summary>
    Overrun = 15,

    /// <summary>A scan found devices.</summary>
    Scanned = 16,

    /// <summary>A scan ended.</summary>
    ScanEnded = 17,

    /// <summary>There may be a device that no event tells of.</summary>
    Doubted = 18,

    /// <summary>Other rules are in force.</summary>
    RulesReplaced = 19,

    /// <summary>A device was released by hand.</summary>
    ReleasedByHand = 20,

    /// <summary>Some answers of a look are there.</summary>
    HandedOn = 21,

    /// <summary>Files of rules, which come into force next.</summary>
    Rules = 22,

    /// <summary>A piece of what the engine knew when the recording began.</summary>
    State = 23,

    /// <summary>What subscribers were told before the recording began, as it was still in memory.</summary>
    Told = 24,

    /// <summary>The recording ends.</summary>
    End = 25,
}
