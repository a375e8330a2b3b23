using UeventManager.Tests.Simulation.Model;

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

    /// <summary>Changes of what a device's own properties say, and changes with a variable of one event.</summary>
    public int Level { get; init; }

    /// <summary>Whether subscribers with filters are watched. They cost as much as all the rest.</summary>
    public bool Replicas { get; init; }

    public int Trigger { get; init; } = 4;

    public int Flip { get; init; } = 15;

    public int Block { get; init; }

    public int Lose { get; init; }

    public int Swap { get; init; }

    public int Repeat { get; init; }

    public int Reload { get; init; }

    public int ByHand { get; init; }

    public int Stall { get; init; }

    /// <summary>How often looks cannot be made for a while, and scans have holes.</summary>
    public int Blind { get; init; }

    /// <summary>Whether the daemon has so much to do that it takes one batch at a time and hardly ever sees its queue empty.</summary>
    public bool Busy { get; init; }

    /// <summary>Whether devices are tied to groups, and how often something happens to one of those.</summary>
    public bool Groups => Tie > 0;

    public int Tie { get; init; }

    /// <summary>Whether udevd is there, and rules ask for what it says.</summary>
    public bool Udev { get; init; }

    /// <summary>The first letters of its devices' names, which say by what rule each is judged.</summary>
    public string Letters => Udev ? SimRule.LettersOfUdev : SimRule.Letters;

    /// <summary>One in so many looks has something happen right behind it, before its drain.</summary>
    public int RaceEvery { get; init; } = 4;

    public int Actions { get; init; } = 150;

    /// <summary>How many things happen when what could time out has done so.</summary>
    public int Late { get; init; }

    /// <summary>The transitions that a run of it must have made. What comes after a timeout needs worlds that go on so long.</summary>
    public IEnumerable<string> Transitions => Exercise.Transitions.Where(t => Late > 0 || t is not ("Held to gone" or "Dropped to Waiting" or "Dropped to gone"));

    /// <summary>The checkers' rules that a run of it must have asked.</summary>
    public IEnumerable<string> Rules =>
    [
        "CompleteChecker.Judge", "LifeChecker.Delivered", "LivenessChecker.Check", "OrderChecker.Delivered",
        "StateChecker.Rested", "StateChecker.Parent", "FinalStateChecker.CheckDevice", "FinalStateChecker.Ended", "OrderChecker.Conflict of IFINDEX", "OrderChecker.Conflict of name",
        .. Udev ? ["UdevChecker.Of", "UdevChecker.Done", "entries left to another device", "workers of udevd's that failed", "counter udevUnmatched", "counter udevOverruns"]
            : (IEnumerable<string>)["CompleteChecker.Unsettled", "OrderChecker.Conflict of MINOR", "OrderChecker.Conflict of DEVNAME"],
        .. Lose == 0 ? ["CompleteChecker.RightInstance", "LifeChecker.AnnouncedOnce"] : Array.Empty<string>(),
        .. Replicas ? ["ReplicaChecker.Told", "ReplicaChecker.Moved", "ReplicaChecker.Same", "ReplicaChecker.Resumed"] : Array.Empty<string>(),
        .. Busy ? ["drained by count"] : Array.Empty<string>(),
        .. Groups ? ["GroupChecker.Delivered", "GroupChecker.InOrder", "GroupChecker.Whole", "GroupChecker.Owe", "GroupLivenessChecker.Check"] : Array.Empty<string>(),
    ];

    /// <summary>Create and remove as fast as can be.</summary>
    public static Profile Races { get; } = new("races") { Create = 30, Recreate = 30, Remove = 20, SilentRemove = 5, Swap = 6, Repeat = 3, RaceEvery = 2 };

    /// <summary>The same in a storm: what was decided is drained by the number of datagrams.</summary>
    public static Profile Storms { get; } = Races with { Name = "storms", Busy = true, Move = 6, Block = 3, Lose = 1 };

    /// <summary>Parents, children and renames.</summary>
    public static Profile Trees { get; } = new("trees") { Create = 40, Move = 20, SilentRemove = 5, ByHand = 2, Reload = 2 };

    /// <summary>Renames and moves whose events overtake those of devices around them.</summary>
    public static Profile Overtaking { get; } = new("overtaking") { Create = 40, Move = 25, Remove = 12, SilentRemove = 4, Swap = 25, RaceEvery = 3 };

    /// <summary>Drivers that hold their locks, and a machine that sleeps.</summary>
    public static Profile Blocked { get; } = new("blocked") { Block = 15, Change = 25, Stall = 3, ByHand = 3, Reload = 2, Move = 4 };

    /// <summary>Sockets that overflow.</summary>
    public static Profile Overruns { get; } = new("overruns") { Lose = 6, Move = 6, SilentRemove = 4, Swap = 3, Block = 3 };

    /// <summary>A table of descriptors that is full now and then, and classes that go with their devices.</summary>
    public static Profile Blinded { get; } = new("blind") { Blind = 8, Lose = 2, Move = 6, SilentRemove = 3, Swap = 2, Block = 2, ByHand = 1, Reload = 1, Late = 30 };

    /// <summary>Subscribers with filters, and renames that they do not see.</summary>
    public static Profile Filtered { get; } = new("filters") { Replicas = true, Create = 40, Move = 40, SilentRemove = 5, Level = 12, ByHand = 2, Reload = 1, Lose = 1, Swap = 2, Block = 2 };

    /// <summary>Rules that ask for what udevd says, which is slow, is lost, fails, or is not heard at all.</summary>
    public static Profile Beside { get; } = new("udev") { Udev = true, Create = 30, Recreate = 20, Remove = 12, SilentRemove = 6, Move = 8, Change = 30, Other = 10, Swap = 4, Repeat = 2, ByHand = 1, Reload = 1, Late = 20 };

    /// <summary>Functions, backends and maps, with what belongs to them; nested, crossing, half removed.</summary>
    public static Profile Together { get; } = new("groups") { Tie = 90, Late = 30, Create = 8, Recreate = 4, Remove = 5, SilentRemove = 2, Change = 6, Trigger = 2, Other = 3, Flip = 8, Block = 2, ByHand = 1, Reload = 1, Lose = 1, RaceEvery = 3 };

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Profile> All { get; } = [Races, Storms, Trees, Overtaking, Blocked, Overruns, Blinded, Filtered, Beside, Together];
}
