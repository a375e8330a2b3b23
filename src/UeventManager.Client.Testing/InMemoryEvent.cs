namespace UeventManager.Client.Testing;

/// <summary>An event, and what replays need besides.</summary>
/// <param name="Event">The event as sent without a filter.</param>
/// <param name="Before">The device as announced before; null if it was not.</param>
internal sealed record InMemoryEvent(UeventEvent Event, UeventDevice? Before)
{
    /// <summary>For a move, the descendants whose paths change: each as a move for a subscriber that does not know the moved device.</summary>
    public IReadOnlyList<InMemoryEvent> Below { get; init; } = [];
}
