namespace UeventManager.KernelTests.Differential;

/// <summary>What a round may do. Each round draws some of them, so that a fault shows with as little around it as possible.</summary>
[Flags]
internal enum Features
{
    None = 0,

    /// <summary>Renames, and moves below another parent.</summary>
    Moves = 1,

    /// <summary>Leaders and members that are announced together.</summary>
    Groups = 2,

    /// <summary>Subscribers with filters.</summary>
    Filters = 4,

    /// <summary>SIGTERM and a new start, with a hand-over between them.</summary>
    Restarts = 8,

    /// <summary>SIGKILL and a new start.</summary>
    Kills = 16,

    /// <summary>A receive buffer so small that bursts overrun it.</summary>
    Overruns = 32,

    /// <summary>The rules change while devices wait.</summary>
    Reloads = 64,

    /// <summary>Uevents that a correct kernel would not send, or not then.</summary>
    Illegal = 128,

    /// <summary>Events of kobjects that are not devices.</summary>
    Kobjects = 256,

    /// <summary>The daemon is stopped for some operations, so that their uevents arrive at once.</summary>
    Bursts = 512,

    /// <summary>Calls of Wait and Settle in between.</summary>
    Calls = 1024,

    /// <summary>Subscribers disconnect and come again with a cursor.</summary>
    Resumes = 2048,

    All = 4095,
}
