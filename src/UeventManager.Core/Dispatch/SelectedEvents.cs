namespace UeventManager.Core.Dispatch;

/// <summary>
/// The events that a filter let through and that wait for its subscriber: four bytes each, and the text only of those that are not told as the ring
/// has them.
/// </summary>
/// <param name="ring">The ring.</param>
internal sealed class SelectedEvents(EventRing ring)
{
    private const uint IsOwn = 1u << 31;

    // The low 31 bits of their numbers: the ring never holds as many.
    private Queue<uint> _numbers = new();
    private Queue<byte[]> _own = new();

    /// <summary>How many.</summary>
    public int Count => _numbers.Count;

    /// <summary>Bytes of them.</summary>
    public long Bytes { get; private set; }

    /// <summary>Number of the oldest one, if it is told as the ring has it; else null.</summary>
    public long? OldestInRing => _numbers.TryPeek(out var low) && (low & IsOwn) == 0 ? Whole(low) : null;

    /// <summary>Appends one.</summary>
    /// <param name="number">Its number in the ring.</param>
    /// <param name="own">What is told instead of what the ring has, or null.</param>
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

    /// <summary>Drops all, and the memory that they took.</summary>
    public void Clear()
    {
        (_numbers, _own) = (new Queue<uint>(), new Queue<byte[]>());
        Bytes = 0;
    }

    private long Whole(uint low) => ring.Next - (((uint)ring.Next - low) & ~IsOwn);
}
