namespace UeventManager.Core.Dispatch;

/// <summary>Events selected by a filter that wait for their subscriber: four bytes each, and a text only if it differs from the ring's.</summary>
/// <param name="ring">The ring.</param>
internal sealed class SelectedEvents(EventRing ring)
{
    private const uint IsOwn = 1u << 31;

    // The low 31 bits of the numbers: the ring never holds that many events.
    private Queue<uint> _numbers = new();
    private Queue<byte[]> _own = new();

    /// <summary>The number of events.</summary>
    public int Count => _numbers.Count;

    /// <summary>The events' bytes.</summary>
    public long Bytes { get; private set; }

    /// <summary>Number of the oldest event if its text is the ring's; else null.</summary>
    public long? OldestInRing => _numbers.TryPeek(out var low) && (low & IsOwn) == 0 ? Whole(low) : null;

    /// <summary>Appends an event.</summary>
    /// <param name="number">The event's number in the ring.</param>
    /// <param name="own">The text if it differs from the ring's, or null.</param>
    public void Add(long number, byte[]? own)
    {
        _numbers.Enqueue(((uint)number & ~IsOwn) | (own is null ? 0 : IsOwn));
        if (own is not null)
            _own.Enqueue(own);
        Bytes += own?.Length ?? ring[number].Length;
    }

    /// <summary>Takes the oldest; valid until the next event is published.</summary>
    public bool TryTake(out ReadOnlySpan<byte> encoded)
    {
        encoded = default;
        if (!_numbers.TryDequeue(out var low))
            return false;
        encoded = (low & IsOwn) != 0 ? _own.Dequeue() : ring[Whole(low)];
        Bytes -= encoded.Length;
        return true;
    }

    /// <summary>Drops all events and their memory.</summary>
    public void Clear()
    {
        (_numbers, _own) = (new Queue<uint>(), new Queue<byte[]>());
        Bytes = 0;
    }

    private long Whole(uint low) => ring.Next - (((uint)ring.Next - low) & ~IsOwn);
}
