namespace UeventManager.Core.Recording;

/// <summary>The kinds of frames of a <see cref="TapeWriter"/>. Recordings contain the numbers.</summary>
public enum TapeKind : byte
{
    /// <summary>The commands that the last step gave.</summary>
    Gave = 1,

    /// <summary>A wake-up began.</summary>
    Wakeup = 2,

    /// <summary>The wall clock's time.</summary>
    Realtime = 3,

    /// <summary>When the kernel may have sent the uevents that follow.</summary>
    SentSince = 4,

    /// <summary>A uevent.</summary>
    Uevent = 5,

    /// <summary>A broadcast of udevd's.</summary>
    UdevSaid = 6,

    /// <summary>Broadcasts of udevd's were lost.</summary>
    UdevLost = 7,

    /// <summary>The daemon receives udevd's broadcasts from now on.</summary>
    ListensToUdev = 8,

    /// <summary>A look was answered.</summary>
    Answered = 9,

    /// <summary>A read that was given up has returned.</summary>
    ReadReturned = 10,

    /// <summary>The socket was drained.</summary>
    Drained = 11,

    /// <summary>A timer was due.</summary>
    Timer = 12,

    /// <summary>A reconciliation began.</summary>
    Reconciles = 13,

    /// <summary>The engine resumed from a hand-over.</summary>
    Resumed = 14,

    /// <summary>Uevents were lost.</summary>
    Overrun = 15,

    /// <summary>A scan found devices.</summary>
    Scanned = 16,

    /// <summary>A scan ended.</summary>
    ScanEnded = 17,

    /// <summary>A rescan was requested, because a device may exist without an event.</summary>
    Doubted = 18,

    /// <summary>Rules were replaced.</summary>
    RulesReplaced = 19,

    /// <summary>A device was released by hand.</summary>
    ReleasedByHand = 20,

    /// <summary>Some of a look's questions were answered.</summary>
    HandedOn = 21,

    /// <summary>The rule files that the next <see cref="RulesReplaced"/> puts in force.</summary>
    Rules = 22,

    /// <summary>A piece of the engine's state when the recording began.</summary>
    State = 23,

    /// <summary>Events that were delivered before the recording began and were still in memory.</summary>
    Told = 24,

    /// <summary>The recording ends.</summary>
    End = 25,
}
