namespace UeventManager.Benchmarks;

/// <summary>How much is measured.</summary>
internal sealed record Settings
{
    /// <summary>Rounds; in each every contender runs once, in random order.</summary>
    public required int Rounds { get; init; }

    /// <summary>
    /// Passes of which a round's latency is the median: something else that stops the machine for 15 ms is all of one pass's slowest hundredth, and
    /// whom it hits is chance.
    /// </summary>
    public required int Passes { get; init; }

    /// <summary>Events of a pass back to back.</summary>
    public required int BackToBack { get; init; }

    /// <summary>Events of a pass 2 ms apart.</summary>
    public required int Apart { get; init; }

    /// <summary>Events of a storm.</summary>
    public required int Storm { get; init; }

    /// <summary>Whether udevd without rules gets the whole storm, for which it needs a minute.</summary>
    public required bool UdevWholeStorm { get; init; }

    /// <summary>Events of the long storm.</summary>
    public required int LongStorm { get; init; }

    /// <summary>Whether udevd too gets the long storm, for which it needs a minute.</summary>
    public required bool UdevLongStorm { get; init; }

    /// <summary>Waits whose lag is measured, microseconds.</summary>
    public required IReadOnlyList<int> LagWaitsUsec { get; init; }

    /// <summary>Times that each is measured.</summary>
    public required int LagRounds { get; init; }

    /// <summary>Seconds for which the CPU of a daemon with nothing to do is measured.</summary>
    public required int IdleSeconds { get; init; }

    /// <summary>The same with held devices; held devices are looked at every 30 s.</summary>
    public required int HeldSeconds { get; init; }

    /// <summary>Times that a start or a command is measured.</summary>
    public required int Starts { get; init; }

    /// <summary>Whether it is measured how the cost grows.</summary>
    public required bool Growth { get; init; }

    /// <summary>Whether it is measured, and nothing else, what it costs to record the daemon.</summary>
    public bool Record { get; init; }

    /// <summary>Whether it is measured what namespaces cost <c>forward</c>.</summary>
    public bool Namespaces { get; init; } = true;

    /// <summary>Whether the contenders are compared.</summary>
    public bool Comparison { get; init; } = true;

    /// <summary>For whoever changes something.</summary>
    public static Settings Quick { get; } = new()
    {
        Rounds = 3,
        Passes = 3,
        BackToBack = 500,
        Apart = 100,
        Storm = 20_000,
        UdevWholeStorm = false,
        LongStorm = 100_000,
        UdevLongStorm = false,
        LagWaitsUsec = [1_000, 100_000],
        LagRounds = 1,
        IdleSeconds = 2,
        HeldSeconds = 3,
        Starts = 3,
        Growth = false,
    };

    /// <summary>What the documented figures are taken with.</summary>
    public static Settings Full { get; } = new()
    {
        Rounds = 5,
        Passes = 9,
        BackToBack = 500,
        Apart = 250,
        Storm = 100_000,
        UdevWholeStorm = true,
        LongStorm = 1_000_000,
        UdevLongStorm = true,
        LagWaitsUsec = [1_000, 10_000, 100_000, 1_000_000],
        LagRounds = 3,
        IdleSeconds = 30,
        HeldSeconds = 61,
        Starts = 11,
        Growth = false,
    };

    /// <summary>Only how the cost grows.</summary>
    public static Settings GrowthOnly { get; } = Full with { Comparison = false, Namespaces = false, Growth = true };

    /// <summary>What it costs to record what the daemon is told.</summary>
    public static Settings RecordOnly { get; } = Full with { Rounds = 9, Comparison = false, Namespaces = false, Record = true };

    /// <summary>Only <c>forward</c>, into one namespace and into many.</summary>
    public static Settings ForwardOnly { get; } = Full with { Comparison = false };
}
