using System.Text.Json.Serialization;

namespace UeventManager.Client;

/// <summary>An event of a device (<c>type Event</c>). Times are in CLOCK_MONOTONIC microseconds.</summary>
public sealed record UeventEvent
{
    /// <summary>The cursor at which the stream resumes after this event. Opaque.</summary>
    public required string Cursor { get; init; }

    /// <summary>The kernel's action: one of <see cref="KnownActions"/>.</summary>
    public required string Action { get; init; }

    /// <summary>The device.</summary>
    public required UeventDevice Device { get; init; }

    /// <summary>For a move, the previous devpath.</summary>
    [JsonPropertyName("oldDevpath")]
    public string? OldDevPath { get; init; }

    /// <summary>The bytes of <see cref="OldDevPath"/> in base64 if they are not valid UTF-8; else null.</summary>
    [JsonPropertyName("rawOldDevpath")]
    public string? RawOldDevPath { get; init; }

    /// <summary>The kernel's SEQNUM; null for a synthetic event of the daemon.</summary>
    public long? Seqnum { get; init; }

    /// <summary>True if the daemon made the event, or someone triggered it (<c>echo add &gt; uevent</c>).</summary>
    public required bool Synthetic { get; init; }

    /// <summary>The group of events that were announced together; null if there is none.</summary>
    public UeventGroup? Group { get; init; }

    /// <summary>The time of arrival from the kernel.</summary>
    public required long ArrivedUsec { get; init; }

    /// <summary>The time at which it was settled.</summary>
    public required long SettledUsec { get; init; }

    /// <summary>
    /// The time of delivery by the wall clock as it was set then, in microseconds since 1970; null if the daemon does not report it.
    /// </summary>
    public long? RealtimeUsec { get; init; }

    /// <summary>The time of delivery by the wall clock as it was set then; null if the daemon does not report it.</summary>
    [JsonIgnore]
    public DateTimeOffset? DeliveredAt => RealtimeUsec is { } usec ? DateTimeOffset.UnixEpoch.AddTicks(usec * TimeSpan.TicksPerMicrosecond) : null;
}

/// <summary>Events that were announced in one transaction (<c>type Group</c>).</summary>
public sealed record UeventGroup
{
    /// <summary>The id, the same in all events of the group.</summary>
    public required string Id { get; init; }

    /// <summary>The number of events, including those that a filter hides.</summary>
    public required long Size { get; init; }

    /// <summary>True if the group was delivered at its deadline without members that were not ready.</summary>
    public required bool Partial { get; init; }
}

/// <summary>Events were lost, or may have been (<c>type Gap</c>). The whole state follows.</summary>
public sealed record UeventGap
{
    /// <summary>kernelOverrun, subscriberTooSlow, cursorUnknown or restarted.</summary>
    public required string Reason { get; init; }

    /// <summary>The number of lost events, if it is known.</summary>
    public long? Lost { get; init; }
}
