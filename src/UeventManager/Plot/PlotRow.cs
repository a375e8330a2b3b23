namespace UeventManager.Plot;

/// <summary>A device, or several of one kind that are folded, as a row of a plot. Times are microseconds since the recording's start, of a daemon since boot.</summary>
internal sealed record PlotRow
{
    /// <summary>What stands before the row.</summary>
    public required string Label { get; init; }

    /// <summary>How many rows above it contain it.</summary>
    public int Depth { get; init; }

    /// <summary>The devices; one, unless they are folded.</summary>
    public required IReadOnlyList<PlotDevice> Devices { get; init; }
}

/// <summary>A device that arrived.</summary>
internal sealed record PlotDevice
{
    /// <summary>Its devpath.</summary>
    public required string DevPath { get; init; }

    /// <summary>Its subsystem.</summary>
    public required string Subsystem { get; init; }

    /// <summary>When its add came.</summary>
    public required long AddUsec { get; init; }

    /// <summary>When it was complete.</summary>
    public required long CompleteUsec { get; init; }

    /// <summary>When it would have been announced; null without a rule, and where it would not have been.</summary>
    public long? AnnouncedUsec { get; init; }

    /// <summary>What became of it, and what was missing; empty without rules.</summary>
    public string Outcome { get; init; } = "";

    /// <summary>True if it would have been announced before it was complete.</summary>
    public bool IsIncomplete { get; init; }

    /// <summary>When it went; null if it stayed.</summary>
    public long? GoneUsec { get; init; }

    /// <summary>The transaction that it would have been announced in, or 0.</summary>
    public long Group { get; init; }

    /// <summary>What appeared when.</summary>
    public IReadOnlyList<(string Name, long AtUsec)> Items { get; init; } = [];

    /// <summary>Reads that blocked.</summary>
    public IReadOnlyList<(string Name, long FromUsec, long UntilUsec)> Blocked { get; init; } = [];

    /// <summary>Its properties as of its add, for filters.</summary>
    public Func<string, string?> Property { get; init; } = static _ => null;

    /// <summary>The last moment of its arrival.</summary>
    public long EndUsec => Math.Max(Math.Max(CompleteUsec, AnnouncedUsec ?? 0), Blocked.Count == 0 ? 0 : Blocked.Max(static one => one.UntilUsec));

    /// <summary>Its name for people.</summary>
    public string Name => $"{Subsystem}:{DevPath[(DevPath.LastIndexOf('/') + 1)..]}";
}
