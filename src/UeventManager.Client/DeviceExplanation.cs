namespace UeventManager.Client;

/// <summary>Why a device has come, or has not (<c>method Explain</c>).</summary>
public sealed record DeviceExplanation
{
    /// <summary>Where it is in its life: <c>waiting</c>, <c>held</c>, <c>dropped</c>, <c>announced</c> or <c>gone</c>.</summary>
    public required string State { get; init; }

    /// <summary>The name of the rule in force; null if there is none: then it passes at once.</summary>
    public string? Rule { get; init; }

    /// <summary>The file that the rule is in.</summary>
    public string? File { get; init; }

    /// <summary>The line of the rule's name, from 1.</summary>
    public long? Line { get; init; }

    /// <summary>Every condition of the rule as of the last look.</summary>
    public required IReadOnlyList<ConditionState> Conditions { get; init; }

    /// <summary>What keeps it besides its own conditions.</summary>
    public IReadOnlyList<string>? WaitsFor { get; init; }

    /// <summary>Which other device keeps an event of it that is complete; none if nothing does.</summary>
    public IReadOnlyList<Hold>? Holds { get; init; }

    /// <summary>What a change misses that has arrived and is not delivered, or was dropped; null if there is none.</summary>
    public IReadOnlyList<string>? Unfinished { get; init; }

    /// <summary>How it is known what udev has said of it, where a rule asks; else null.</summary>
    public string? Udev { get; init; }

    /// <summary>What has happened to it, oldest first, as far as the daemon remembers.</summary>
    public required IReadOnlyList<Moment> History { get; init; }
}

/// <summary>Why an event that is complete is not delivered yet (<c>type Hold</c>).</summary>
public sealed record Hold
{
    /// <summary><c>ancestor</c>, <c>move</c>, <c>keyOwner</c>, <c>leader</c> or <c>replacement</c>.</summary>
    public required string Reason { get; init; }

    /// <summary>The devpath of the device that is waited for.</summary>
    public required string Device { get; init; }

    /// <summary>What ends it.</summary>
    public required string Until { get; init; }
}

/// <summary>One condition of a rule (<c>type Condition</c>).</summary>
public sealed record ConditionState
{
    /// <summary>What it asks.</summary>
    public required string Text { get; init; }

    /// <summary>Whether it held at the last look.</summary>
    public required bool Held { get; init; }

    /// <summary>True if it is only required for a while.</summary>
    public required bool Optional { get; init; }

    /// <summary>What was read; null if there is nothing to say.</summary>
    public string? Value { get; init; }

    /// <summary>Since when it has held without a break, CLOCK_MONOTONIC in microseconds; null if it does not.</summary>
    public long? HeldSinceUsec { get; init; }

    /// <summary>How often it was looked at; 0 if nobody remembers.</summary>
    public required long Looks { get; init; }
}

/// <summary>Something that happened to a device (<c>type Moment</c>).</summary>
public sealed record Moment
{
    /// <summary>When, CLOCK_MONOTONIC in microseconds.</summary>
    public required long AtUsec { get; init; }

    /// <summary>The same by the wall clock, as it went then: microseconds since 1970; null from a daemon that does not say.</summary>
    public long? RealtimeUsec { get; init; }

    /// <summary>What, as <c>arrived</c>, <c>looked</c>, <c>timedOut</c> or <c>delivered</c>.</summary>
    public required string What { get; init; }

    /// <summary>The particulars.</summary>
    public string? Detail { get; init; }
}
