namespace UeventManager.Plot;

/// <summary>
/// A row of a plot: one device, or several of one kind. Times are microseconds since the recording's start, or since boot for a daemon.
/// </summary>
internal sealed record PlotRow
{
    /// <summary>The text before the row.</summary>
    public required string Label { get; init; }

    /// <summary>The number of rows above it that contain it.</summary>
    public int Depth { get; init; }

    /// <summary>The devices; several if they share the row.</summary>
    public required IReadOnlyList<PlotDevice> Devices { get; init; }
}

/// <summary>A device that arrived.</summary>
internal sealed record PlotDevice
{
    /// <summary>Its devpath.</summary>
    public required string DevPath { get; init; }

    /// <summary>Its subsystem.</summary>
    public required string Subsystem { get; init; }

    /// <summary>When its add was received.</summary>
    public required long AddUsec { get; init; }

    /// <summary>When it was complete.</summary>
    public required long CompleteUsec { get; init; }

    /// <summary>When it would have been announced; null without a rule, or if it would not have been announced.</summary>
    public long? AnnouncedUsec { get; init; }

    /// <summary>What happened to it, and what was missing; empty without rules.</summary>
    public string Outcome { get; init; } = "";

    /// <summary>True if it would have been announced before it was complete.</summary>
    public bool IsIncomplete { get; init; }

    /// <summary>When it was removed; null if it was not.</summary>
    public long? GoneUsec { get; init; }

    /// <summary>The transaction with which it would have been announced, or 0.</summary>
    public long Group { get; init; }

    /// <summary>The names that appeared, with their times.</summary>
    public IReadOnlyList<(string Name, long AtUsec)> Items { get; init; } = [];

    /// <summary>Reads that blocked.</summary>
    public IReadOnlyList<(string Name, long FromUsec, long UntilUsec)> Blocked { get; init; } = [];

    /// <summary>Returns its properties at its add, for filters.</summary>
    public Func<string, string?> Property { get; init; } = static _ => null;

    /// <summary>The end of its arrival.</summary>
    public long EndUsec => Math.Max(Math.Max(CompleteUsec, AnnouncedUsec ?? 0), Blocked.Count == 0 ? 0 : Blocked.Max(static one => one.UntilUsec));

    /// <summary>Its name for people.</summary>
    public string Name => $"{Subsystem}:{DevPath[(DevPath.LastIndexOf('/') + 1)..]}";
}
