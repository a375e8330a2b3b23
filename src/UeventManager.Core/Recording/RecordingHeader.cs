namespace UeventManager.Core.Recording;

/// <summary>The first line of a recording: what it is, and what it can know.</summary>
public sealed record RecordingHeader
{
    /// <summary>The version of the format that is written, and the newest that is read.</summary>
    public const int CurrentVersion = 1;

    /// <summary>The version of the format.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>Release of the kernel, as <c>6.12.9</c>.</summary>
    public string Kernel { get; init; } = "";

    /// <summary>The machine's architecture.</summary>
    public string Machine { get; init; } = "";

    /// <summary>What wrote it.</summary>
    public string Program { get; init; } = "";

    /// <summary>True if serial numbers, MAC addresses, WWNs and UUIDs were replaced.</summary>
    public bool IsPseudonymous { get; init; }

    /// <summary>True if a daemon recorded what its engine was told.</summary>
    public bool IsOfDaemon { get; init; }

    /// <summary>True if values of attributes were read.</summary>
    public bool HasValues { get; init; }

    /// <summary>How many components the names have at most that were looked for below a device.</summary>
    public int Depth { get; init; }

    /// <summary>Which devices were recorded, as it was written; null for all.</summary>
    public string? Filter { get; init; }

    /// <summary>CLOCK_MONOTONIC at the start, in microseconds.</summary>
    public long AtUsec { get; init; }

    /// <summary>CLOCK_REALTIME at the same moment, in microseconds.</summary>
    public long RealtimeUsec { get; init; }
}
