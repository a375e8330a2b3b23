namespace UeventManager.Core.Recording;

/// <summary>What a daemon's engine remembers of how a device arrived. Times are CLOCK_MONOTONIC microseconds.</summary>
public sealed record RememberedDevice
{
    /// <summary>Its devpath.</summary>
    public required string DevPath { get; init; }

    /// <summary>SUBSYSTEM.</summary>
    public required string Subsystem { get; init; }

    /// <summary>When its add came, or a scan found it.</summary>
    public required long AddUsec { get; init; }

    /// <summary>When everything that its rule requires was there; when it was announced, if something was still missing, or the end if it still waits.</summary>
    public required long CompleteUsec { get; init; }

    /// <summary>When it was announced; null if it was not.</summary>
    public long? AnnouncedUsec { get; init; }

    /// <summary>True if a scan found it and it missed nothing: it was there when the daemon started.</summary>
    public bool WasThere { get; init; }

    /// <summary>True if it was announced while something was missing.</summary>
    public bool IsUnsettled { get; init; }

    /// <summary>What became of it, for people.</summary>
    public string Outcome { get; init; } = "";

    /// <summary>What its rule asks for and the first look did not find, by the time of the look that did.</summary>
    public IReadOnlyList<(string Name, long AtUsec)> Items { get; init; } = [];

    /// <summary>Reads of its attributes that a worker made.</summary>
    public IReadOnlyList<(string Name, long FromUsec, long UntilUsec)> Reads { get; init; } = [];

    /// <summary>When it went; null if it is there.</summary>
    public long? GoneUsec { get; init; }

    /// <summary>A number for the group that it was announced with; 0 for none.</summary>
    public long Group { get; init; }

    /// <summary>Its properties, a line each; null if nobody knows them.</summary>
    public string? Properties { get; init; }
}
