namespace UeventManager.Client;

/// <summary>
/// One item of a subscription. A consumer that takes each <see cref="StateChange"/> of <see cref="UeventClient.SubscribeAsync"/> for the whole picture
/// and applies every <see cref="EventsChange"/> is always right.
/// </summary>
public abstract record Change
{
    private protected Change()
    {
    }

    /// <summary>Where the stream resumes after this item, if the daemon said so. Opaque.</summary>
    public string? Cursor { get; init; }
}

/// <summary>
/// All devices that exist: at the start, and again after a gap.
/// </summary>
/// <param name="Devices">The devices.</param>
public sealed record StateChange(IReadOnlyList<UeventDevice> Devices) : Change
{
    /// <summary>Why there is a new state, if it is not the first: what was known before may be wrong.</summary>
    public UeventGap? Gap { get; init; }
}

/// <summary>
/// A cursor was resumed, or there is no state to send: what follows are changes, and none was missed.
/// </summary>
public sealed record ReadyChange : Change;

/// <summary>Events, in order. All events of one group come together.</summary>
/// <param name="Events">At least one.</param>
public sealed record EventsChange(IReadOnlyList<UeventEvent> Events) : Change;

/// <summary>What was known may be wrong. The state follows, up to the next <see cref="ReadyChange"/>; not for a stateless subscriber.</summary>
/// <param name="Gap">Why.</param>
public sealed record GapChange(UeventGap Gap) : Change;
