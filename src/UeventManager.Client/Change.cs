namespace UeventManager.Client;

/// <summary>
/// One item of a subscription. Whoever drops its picture at a <see cref="GapChange"/>, collects every <see cref="StateChange"/> and applies
/// every <see cref="EventsChange"/> is always right.
/// </summary>
public abstract record Change
{
    private protected Change()
    {
    }

    /// <summary>Where the stream resumes after this item, if the daemon said so. Opaque.</summary>
    public string? Cursor { get; init; }
}

/// <summary>A part of the state: devices that exist.</summary>
/// <param name="Devices">Devices, none of them told twice since the start or the last gap.</param>
public sealed record StateChange(IReadOnlyList<UeventDevice> Devices) : Change;

/// <summary>The state is complete, or a cursor was resumed; what follows are changes.</summary>
public sealed record ReadyChange : Change;

/// <summary>Events, in order. All events of one group come together.</summary>
/// <param name="Events">At least one.</param>
public sealed record EventsChange(IReadOnlyList<UeventEvent> Events) : Change;

/// <summary>What was known may be wrong. The state follows, up to the next <see cref="ReadyChange"/>; not for a stateless subscriber.</summary>
/// <param name="Gap">Why.</param>
public sealed record GapChange(UeventGap Gap) : Change;
