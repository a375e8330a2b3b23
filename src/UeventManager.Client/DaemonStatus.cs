using System.Text.Json.Serialization;

namespace UeventManager.Client;

/// <summary>The daemon's status (<c>method Status</c>).</summary>
public sealed record DaemonStatus
{
    /// <summary>The daemon's version.</summary>
    public required string Version { get; init; }

    /// <summary>The time of its start, in CLOCK_MONOTONIC microseconds.</summary>
    public required long StartedUsec { get; init; }

    /// <summary>
    /// The time of the reply, in CLOCK_MONOTONIC microseconds of the daemon. That clock differs from the caller's if they run in different time
    /// namespaces. Null if the daemon does not report it.
    /// </summary>
    public long? NowUsec { get; init; }

    /// <summary>The number of announced devices.</summary>
    public required long Devices { get; init; }

    /// <summary>The number of devices that wait for their conditions.</summary>
    public required long Waiting { get; init; }

    /// <summary>The number of devices that are held after their timeout.</summary>
    public required long Held { get; init; }

    /// <summary>
    /// The number of announced devices that are not settled: their last event lacked a required condition, or a change waits or was dropped. Null if
    /// the daemon does not report it.
    /// </summary>
    public long? Unfinished { get; init; }

    /// <summary>The number of rules in force.</summary>
    public required long Rules { get; init; }

    /// <summary>The counters since the start, by name.</summary>
    public required IReadOnlyDictionary<string, long> Counters { get; init; }

    /// <summary>The subscribers.</summary>
    public required IReadOnlyList<DaemonSubscriber> Subscribers { get; init; }

    /// <summary>Abandoned reads that a driver still blocks, oldest first; empty if there are none.</summary>
    [JsonIgnore]
    public IReadOnlyList<DaemonStuckRead> StuckReads { get => WireStuckReads ?? []; init => WireStuckReads = value.NullIfEmpty(); }

    [JsonInclude, JsonPropertyName("stuckReads")]
    internal IReadOnlyList<DaemonStuckRead>? WireStuckReads { get; init; }

    /// <summary>Devices whose last look failed, at most sixteen; empty if there are none.</summary>
    [JsonIgnore]
    public IReadOnlyList<DaemonUnseen> Unseen { get => WireUnseen ?? []; init => WireUnseen = value.NullIfEmpty(); }

    [JsonInclude, JsonPropertyName("unseen")]
    internal IReadOnlyList<DaemonUnseen>? WireUnseen { get; init; }

    /// <summary>The times from arrival to delivery since the start, by subsystem; empty if the daemon does not report them.</summary>
    [JsonIgnore]
    public IReadOnlyList<DaemonLag> Lags { get => WireLags ?? []; init => WireLags = value.NullIfEmpty(); }

    [JsonInclude, JsonPropertyName("lags")]
    internal IReadOnlyList<DaemonLag>? WireLags { get; init; }

    /// <summary>How often udev announced new devices before they were complete, by subsystem; empty if the daemon does not report it.</summary>
    [JsonIgnore]
    public IReadOnlyList<DaemonUdevLead> UdevLeads { get => WireUdevLeads ?? []; init => WireUdevLeads = value.NullIfEmpty(); }

    [JsonInclude, JsonPropertyName("udevLeads")]
    internal IReadOnlyList<DaemonUdevLead>? WireUdevLeads { get; init; }
}

/// <summary>How often udev announced a new device to its listeners before it was complete (<c>type UdevLead</c>).</summary>
public sealed record DaemonUdevLead
{
    /// <summary>The subsystem.</summary>
    public required string Subsystem { get; init; }

    /// <summary>The number of new devices that udev announced.</summary>
    public required long Told { get; init; }

    /// <summary>The number of these devices that were not complete then.</summary>
    public required long Early { get; init; }

    /// <summary>
    /// The time within which 99 of 100 of these became complete, in microseconds; null if there are none, or it exceeds the largest bound.
    /// </summary>
    public long? P99Usec { get; init; }
}

/// <summary>The times from arrival to delivery of a subsystem's events (<c>type Lag</c>).</summary>
public sealed record DaemonLag
{
    /// <summary>The subsystem.</summary>
    public required string Subsystem { get; init; }

    /// <summary>The number of delivered events.</summary>
    public required long Events { get; init; }

    /// <summary>The sum of all times, in microseconds.</summary>
    public required long SumUsec { get; init; }

    /// <summary>
    /// The time within which 99 of 100 events were delivered (a bound of the metrics' histogram), in microseconds; null if it exceeds the largest
    /// bound.
    /// </summary>
    public long? P99Usec { get; init; }
}

/// <summary>An abandoned read that has not returned (<c>type StuckRead</c>).</summary>
public sealed record DaemonStuckRead
{
    /// <summary>The device's devpath.</summary>
    [JsonPropertyName("devpath")]
    public required string DevPath { get; init; }

    /// <summary>The path being read, relative to the device's directory.</summary>
    public required string Attribute { get; init; }

    /// <summary>The beginning of the read, in CLOCK_MONOTONIC microseconds.</summary>
    public required long SinceUsec { get; init; }
}

/// <summary>A device whose last look failed; nothing is decided about it meanwhile (<c>type Unseen</c>).</summary>
public sealed record DaemonUnseen
{
    /// <summary>The device's devpath.</summary>
    [JsonPropertyName("devpath")]
    public required string DevPath { get; init; }

    /// <summary>The reason, as <c>EMFILE</c>.</summary>
    public required string Errno { get; init; }
}

/// <summary>A subscriber as the daemon sees it (<c>type Subscriber</c>).</summary>
public sealed record DaemonSubscriber
{
    /// <summary>The process id.</summary>
    public required long Pid { get; init; }

    /// <summary>The user id.</summary>
    public required long Uid { get; init; }

    /// <summary>The number of events that it has not read.</summary>
    public required long QueuedEvents { get; init; }

    /// <summary>The number of bytes that it has not read.</summary>
    public required long QueuedBytes { get; init; }

    /// <summary>The number of gaps that it got.</summary>
    public required long Gaps { get; init; }

    /// <summary>The time of its beginning, in CLOCK_MONOTONIC microseconds.</summary>
    public required long SinceUsec { get; init; }
}
