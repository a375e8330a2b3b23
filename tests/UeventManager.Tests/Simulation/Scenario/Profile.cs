namespace UeventManager.Tests.Simulation.Scenario;

/// <summary>What a world is made of: how often each thing happens, in parts of the whole.</summary>
internal sealed record Profile(string Name)
{
    public int Create { get; init; } = 30;

    public int Recreate { get; init; } = 10;

    public int Remove { get; init; } = 10;

    public int SilentRemove { get; init; }

    public int Move { get; init; }

    public int Change { get; init; } = 15;

    public int Other { get; init; } = 5;

    public int Trigger { get; init; } = 4;

    public int Flip { get; init; } = 15;

    public int Block { get; init; }

    public int Lose { get; init; }

    public int Swap { get; init; }

    public int Repeat { get; init; }

    public int Reload { get; init; }

    public int ByHand { get; init; }

    public int Stall { get; init; }

    /// <summary>One in so many looks has something happen right behind it, before its drain.</summary>
    public int RaceEvery { get; init; } = 4;

    public int Actions { get; init; } = 150;

    /// <summary>Create and remove as fast as can be.</summary>
    public static Profile Races { get; } = new("races") { Create = 30, Recreate = 30, Remove = 20, SilentRemove = 5, Swap = 6, Repeat = 3, RaceEvery = 2 };

    /// <summary>Parents, children and renames.</summary>
    public static Profile Trees { get; } = new("trees") { Create = 40, Move = 20, SilentRemove = 5, ByHand = 2, Reload = 2 };

    /// <summary>Drivers that hold their locks, and a machine that sleeps.</summary>
    public static Profile Blocked { get; } = new("blocked") { Block = 15, Change = 25, Stall = 3, ByHand = 3, Reload = 2, Move = 4 };

    /// <summary>Sockets that overflow.</summary>
    public static Profile Overruns { get; } = new("overruns") { Lose = 6, Move = 6, SilentRemove = 4, Swap = 3, Block = 3 };
}
