using System.Text.Json.Serialization;

namespace UeventManager.Client;

/// <summary>How the daemon is (<c>method Status</c>).</summary>
public sealed record DaemonStatus
{
    /// <summary>Its version.</summary>
    public required string Version { get; init; }

    /// <summary>When it started, CLOCK_MONOTONIC in microseconds.</summary>
    public required long StartedUsec { get; init; }

    /// <summary>Devices that are announced.</summary>
    public required long Devices { get; init; }

    /// <summary>Devices that wait for their conditions.</summary>
    public required long Waiting { get; init; }

    /// <summary>Devices past their timeout that are held back.</summary>
    public required long Held { get; init; }

    /// <summary>
    /// Announced devices that are not settled: their last event lacked something required, or a change is not delivered or was dropped. Null from a
    /// daemon that does not say.
    /// </summary>
    public long? Unfinished { get; init; }

    /// <summary>Rules in force.</summary>
    public required long Rules { get; init; }

    /// <summary>What was counted since the start.</summary>
    public required IReadOnlyDictionary<string, long> Counters { get; init; }

    /// <summary>The subscribers.</summary>
    public required IReadOnlyList<DaemonSubscriber> Subscribers { get; init; }

    /// <summary>Reads that a driver blocks and that were given up, oldest first; null if there are none.</summary>
    public IReadOnlyList<DaemonStuckRead>? StuckReads { get; init; }

    /// <summary>Devices that could not be looked at when they were last tried, at most sixteen; null if there are none.</summary>
    public IReadOnlyList<DaemonUnseen>? Unseen { get; init; }

    /// <summary>How long events took, by subsystem, since the start; null from a daemon that does not say.</summary>
    public IReadOnlyList<DaemonLag>? Lags { get; init; }

    /// <summary>How often udev told everybody of a new device before it was complete, by subsystem; null from a daemon that does not say.</summary>
    public IReadOnlyList<DaemonUdevLead>? UdevLeads { get; init; }
}

/// <summary>How often udev announced a new device to its listeners before it was complete (<c>type UdevLead</c>).</summary>
public sealed record DaemonUdevLead
{
    /// <summary>The subsystem.</summary>
    public required string Subsystem { get; init; }

    /// <summary>New devices that udev told of.</summary>
    public required long Told { get; init; }

    /// <summary>Those of them that were not complete then.</summary>
    public required long Early { get; init; }

    /// <summary>At most so much later 99 of 100 of these were, in microseconds; null if there are none, or it was longer than the last bound.</summary>
    public long? P99Usec { get; init; }
}

/// <summary>How long a subsystem's events took from their arrival to their delivery (<c>type Lag</c>).</summary>
public sealed record DaemonLag
{
    /// <summary>The subsystem.</summary>
    public required string Subsystem { get; init; }

    /// <summary>Events that were delivered.</summary>
    public required long Events { get; init; }

    /// <summary>What they took together, in microseconds.</summary>
    public required long SumUsec { get; init; }

    /// <summary>At most so long took 99 of 100 (a bound of the metrics' histogram), in microseconds; null if longer than its last bound.</summary>
    public long? P99Usec { get; init; }
}

/// <summary>A read that has not returned and that nobody waits for any more (<c>type StuckRead</c>).</summary>
public sealed record DaemonStuckRead
{
    /// <summary>The device.</summary>
    [JsonPropertyName("devpath")]
    public required string DevPath { get; init; }

    /// <summary>What is being read, relative to the device.</summary>
    public required string Attribute { get; init; }

    /// <summary>When the read began, CLOCK_MONOTONIC in microseconds.</summary>
    public required long SinceUsec { get; init; }
}

/// <summary>A device that could not be looked at, and of which nothing is decided meanwhile (<c>type Unseen</c>).</summary>
public sealed record DaemonUnseen
{
    /// <summary>The device.</summary>
    [JsonPropertyName("devpath")]
    public required string DevPath { get; init; }

    /// <summary>Why, as <c>EMFILE</c>.</summary>
    public required string Errno { get; init; }
}

/// <summary>A subscriber as the daemon sees it (<c>type Subscriber</c>).</summary>
public sealed record DaemonSubscriber
{
    /// <summary>Its process.</summary>
    public required long Pid { get; init; }

    /// <summary>Its user.</summary>
    public required long Uid { get; init; }

    /// <summary>Events it has not read.</summary>
    public required long QueuedEvents { get; init; }

    /// <summary>Bytes it has not read.</summary>
    public required long QueuedBytes { get; init; }

    /// <summary>Gaps it was told.</summary>
    public required long Gaps { get; init; }

    /// <summary>Since when, CLOCK_MONOTONIC in microseconds.</summary>
    public required long SinceUsec { get; init; }
}
