namespace UeventManager.Core.Recording;

/// <summary>How a device arrived, as a daemon's engine remembers it. Times are CLOCK_MONOTONIC microseconds.</summary>
public sealed record RememberedDevice
{
    /// <summary>Its devpath.</summary>
    public required string DevPath { get; init; }

    /// <summary>SUBSYSTEM.</summary>
    public required string Subsystem { get; init; }

    /// <summary>When its add was received, or a scan found it.</summary>
    public required long AddUsec { get; init; }

    /// <summary>When its required conditions held; if it was announced unsettled, when it was announced; if it still waits, the end.</summary>
    public required long CompleteUsec { get; init; }

    /// <summary>When it was announced; null if it was not announced.</summary>
    public long? AnnouncedUsec { get; init; }

    /// <summary>True if a scan found it complete: it existed when the daemon started.</summary>
    public bool WasThere { get; init; }

    /// <summary>True if it was announced incomplete.</summary>
    public bool IsUnsettled { get; init; }

    /// <summary>Its rule and what happened to it, as text for people.</summary>
    public string Outcome { get; init; } = "";

    /// <summary>The conditions that did not hold at the first look, each with the time of the look at which it held.</summary>
    public IReadOnlyList<(string Name, long AtUsec)> Items { get; init; } = [];

    /// <summary>A worker's reads of its attributes.</summary>
    public IReadOnlyList<(string Name, long FromUsec, long UntilUsec)> Reads { get; init; } = [];

    /// <summary>When it was removed; null if it still exists.</summary>
    public long? GoneUsec { get; init; }

    /// <summary>The number of the group with which it was announced; 0 for none.</summary>
    public long Group { get; init; }

    /// <summary>Its properties, one on each line; null if they are not known.</summary>
    public string? Properties { get; init; }
}
