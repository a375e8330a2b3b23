namespace UeventManager.Core.Recording;

/// <summary>The first line of a recording: how it was made.</summary>
public sealed record RecordingHeader
{
    /// <summary>The format version that is written; also the newest that can be read.</summary>
    public const int CurrentVersion = 1;

    /// <summary>The format version.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>The kernel's release, such as <c>6.12.9</c>.</summary>
    public string Kernel { get; init; } = "";

    /// <summary>The machine's architecture.</summary>
    public string Machine { get; init; } = "";

    /// <summary>The program that wrote the recording.</summary>
    public string Program { get; init; } = "";

    /// <summary>True if serial numbers, MAC addresses, WWNs and UUIDs were replaced.</summary>
    public bool IsPseudonymous { get; init; }

    /// <summary>True if a daemon recorded the inputs of its engine.</summary>
    public bool IsOfDaemon { get; init; }

    /// <summary>True if values of attributes were read.</summary>
    public bool HasValues { get; init; }

    /// <summary>The most components of a name that was looked for below a device.</summary>
    public int Depth { get; init; }

    /// <summary>The filter that selected the recorded devices, as the user wrote it; null for all.</summary>
    public string? Filter { get; init; }

    /// <summary>CLOCK_MONOTONIC at the start, in microseconds.</summary>
    public long AtUsec { get; init; }

    /// <summary>CLOCK_REALTIME at the same moment, in microseconds.</summary>
    public long RealtimeUsec { get; init; }
}
