using System.Text.Json.Serialization;

namespace UeventManager.Client;

/// <summary>Explains why a device was announced, or was not (<c>method Explain</c>).</summary>
public sealed record DeviceExplanation
{
    /// <summary>The device's state: <c>waiting</c>, <c>held</c>, <c>dropped</c>, <c>announced</c> or <c>gone</c>.</summary>
    public required string State { get; init; }

    /// <summary>The name of the rule in force; null if there is none: then the device passes at once.</summary>
    public string? Rule { get; init; }

    /// <summary>The file of the rule.</summary>
    public string? File { get; init; }

    /// <summary>The line of the rule's name, from 1.</summary>
    public long? Line { get; init; }

    /// <summary>Every condition of the rule at the last look.</summary>
    public required IReadOnlyList<ConditionState> Conditions { get; init; }

    /// <summary>The reasons besides its own conditions why the device waits; empty if there are none.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> WaitsFor { get => WireWaitsFor ?? []; init => WireWaitsFor = value.NullIfEmpty(); }

    [JsonInclude, JsonPropertyName("waitsFor")]
    internal IReadOnlyList<string>? WireWaitsFor { get; init; }

    /// <summary>The other devices that hold a complete event of this device; empty if there are none.</summary>
    [JsonIgnore]
    public IReadOnlyList<Hold> Holds { get => WireHolds ?? []; init => WireHolds = value.NullIfEmpty(); }

    [JsonInclude, JsonPropertyName("holds")]
    internal IReadOnlyList<Hold>? WireHolds { get; init; }

    /// <summary>The missing conditions of a change that waits or was dropped; null if there is none.</summary>
    public IReadOnlyList<string>? Unfinished { get; init; }

    /// <summary>How udev's word about the device is known, if a rule asks udev; else null.</summary>
    public string? Udev { get; init; }

    /// <summary>The device's history, oldest first, as far as the daemon remembers it.</summary>
    public required IReadOnlyList<Moment> History { get; init; }
}

/// <summary>Why a complete event is not delivered yet (<c>type Hold</c>).</summary>
public sealed record Hold
{
    /// <summary><c>ancestor</c>, <c>move</c>, <c>keyOwner</c>, <c>leader</c> or <c>replacement</c>.</summary>
    public required string Reason { get; init; }

    /// <summary>The devpath of the device that holds the event.</summary>
    public required string Device { get; init; }

    /// <summary>What ends the hold.</summary>
    public required string Until { get; init; }
}

/// <summary>One condition of a rule (<c>type Condition</c>).</summary>
public sealed record ConditionState
{
    /// <summary>The condition as text.</summary>
    public required string Text { get; init; }

    /// <summary>Whether it held at the last look.</summary>
    public required bool Held { get; init; }

    /// <summary>True if it is required only for a while.</summary>
    public required bool Optional { get; init; }

    /// <summary>The value read; null if there is nothing to show.</summary>
    public string? Value { get; init; }

    /// <summary>The time since which it has held without a break, in CLOCK_MONOTONIC microseconds; null if it does not hold.</summary>
    public long? HeldSinceUsec { get; init; }

    /// <summary>The number of looks at it; 0 if forgotten.</summary>
    public required long Looks { get; init; }
}

/// <summary>One entry of a device's history (<c>type Moment</c>).</summary>
public sealed record Moment
{
    /// <summary>The time, in CLOCK_MONOTONIC microseconds.</summary>
    public required long AtUsec { get; init; }

    /// <summary>The same by the wall clock as it was set then, in microseconds since 1970; null if the daemon does not report it.</summary>
    public long? RealtimeUsec { get; init; }

    /// <summary>The kind, as <c>arrived</c>, <c>looked</c>, <c>timedOut</c> or <c>delivered</c>.</summary>
    public required string What { get; init; }

    /// <summary>Details.</summary>
    public string? Detail { get; init; }
}
