namespace UeventManager.Client.Testing;

/// <summary>Something that happened to a device, and what the daemon knows besides.</summary>
/// <param name="Event">As it is told without a filter.</param>
/// <param name="Before">The device as it was told before; null if it was not.</param>
internal sealed record InMemoryEvent(UeventEvent Event, UeventDevice? Before)
{
    /// <summary>Of a move, those below that have another path by it: each as the move for a subscriber that does not know the device above.</summary>
    public IReadOnlyList<InMemoryEvent> Below { get; init; } = [];
}
