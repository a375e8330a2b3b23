namespace UeventManager.Client;

/// <summary>
/// One item of a subscription. A consumer is always right if it replaces its devices by each <see cref="StateChange"/> of
/// <see cref="UeventClient.SubscribeAsync"/> and applies every <see cref="EventsChange"/>.
/// </summary>
public abstract record Change
{
    private protected Change()
    {
    }

    /// <summary>The cursor at which the stream resumes after this item; null if the daemon sent none. Opaque.</summary>
    public string? Cursor { get; init; }
}

/// <summary>All devices that exist: at the start, and again after a gap.</summary>
/// <param name="Devices">The devices.</param>
public sealed record StateChange(IReadOnlyList<UeventDevice> Devices) : Change
{
    /// <summary>The gap that made a new state necessary: the devices known before may be wrong. Null for the first state.</summary>
    public UeventGap? Gap { get; init; }
}

/// <summary>The subscription resumed at a cursor, or is stateless: only changes follow, and none was missed.</summary>
public sealed record ReadyChange : Change;

/// <summary>Events, in order. All events of a group come in one item.</summary>
/// <param name="Events">At least one event.</param>
public sealed record EventsChange(IReadOnlyList<UeventEvent> Events) : Change;

/// <summary>
/// Events were lost, so the devices known before may be wrong. The state follows up to the next <see cref="ReadyChange"/>, except for a stateless
/// subscriber.
/// </summary>
/// <param name="Gap">The reason.</param>
public sealed record GapChange(UeventGap Gap) : Change;
