using System.Text.Json.Serialization;

namespace UeventManager.Client;

/// <summary>Something that happened to a device (<c>type Event</c>). Times are CLOCK_MONOTONIC in microseconds.</summary>
public sealed record UeventEvent
{
    /// <summary>Where the stream resumes after this event. Opaque.</summary>
    public required string Cursor { get; init; }

    /// <summary>What the kernel says of it: one of <see cref="KnownActions"/>.</summary>
    public required string Action { get; init; }

    /// <summary>The device.</summary>
    public required UeventDevice Device { get; init; }

    /// <summary>Of a move, the devpath it had before.</summary>
    [JsonPropertyName("oldDevpath")]
    public string? OldDevPath { get; init; }

    /// <summary>The kernel's number; null for an event that the daemon made.</summary>
    public long? Seqnum { get; init; }

    /// <summary>True if the daemon made it, or someone made the kernel send it (<c>echo add &gt; uevent</c>).</summary>
    public required bool Synthetic { get; init; }

    /// <summary>What it was announced together with.</summary>
    public UeventGroup? Group { get; init; }

    /// <summary>When it arrived from the kernel.</summary>
    public required long ArrivedUsec { get; init; }

    /// <summary>When it was settled.</summary>
    public required long SettledUsec { get; init; }

    /// <summary>When it was delivered by the wall clock, as that went then: microseconds since 1970; null from a daemon that does not say.</summary>
    public long? RealtimeUsec { get; init; }

    /// <summary>When it was delivered, by the wall clock as that went then; null from a daemon that does not say.</summary>
    [JsonIgnore]
    public DateTimeOffset? DeliveredAt => RealtimeUsec is { } usec ? DateTimeOffset.UnixEpoch.AddTicks(usec * TimeSpan.TicksPerMicrosecond) : null;
}

/// <summary>Events that were announced in one transaction (<c>type Group</c>).</summary>
public sealed record UeventGroup
{
    /// <summary>The same for all its events.</summary>
    public required string Id { get; init; }

    /// <summary>How many events it has, those that a filter hides too.</summary>
    public required long Size { get; init; }

    /// <summary>True if it went out at its deadline without those that were not ready.</summary>
    public required bool Partial { get; init; }
}

/// <summary>Events were lost, or may have been (<c>type Gap</c>). The whole state follows.</summary>
public sealed record UeventGap
{
    /// <summary>kernelOverrun, subscriberTooSlow, cursorUnknown or restarted.</summary>
    public required string Reason { get; init; }

    /// <summary>How many were lost, if that is known.</summary>
    public long? Lost { get; init; }
}
