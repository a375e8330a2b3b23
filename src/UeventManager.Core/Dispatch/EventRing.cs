namespace UeventManager.Core.Dispatch;

/// <summary>
/// The last events, encoded once, for every subscriber and for replay. Bounded in events and bytes; at the bound the
/// oldest go. Memory grows with use, up to the bound.
/// </summary>
/// <param name="maxEvents">Most events; a power of two.</param>
/// <param name="maxBytes">Most bytes.</param>
public sealed class EventRing(int maxEvents = EventRing.DefaultMaxEvents, int maxBytes = EventRing.DefaultMaxBytes)
{
    /// <summary>Default of the most events.</summary>
    public const int DefaultMaxEvents = 65_536;

    /// <summary>Default of the most bytes.</summary>
    public const int DefaultMaxBytes = 32 * 1024 * 1024;

    private Entry[] _entries = new Entry[Math.Min(1024, maxEvents)];
    private byte[] _bytes = new byte[Math.Min(64 * 1024, maxBytes)];
    private long _head;
    private long _tail;

    /// <summary>Number of the oldest event kept.</summary>
    public long First { get; private set; } = 1;

    /// <summary>Number of the next event; the newest kept is the one before.</summary>
    public long Next { get; private set; } = 1;

    /// <summary>Bytes of all events kept.</summary>
    public long Bytes => _head - _tail;

    /// <summary>The encoded event of a number between <see cref="First"/> and <see cref="Next"/>.</summary>
    public ReadOnlySpan<byte> this[long number]
    {
        get
        {
            ref readonly var entry = ref _entries[number % _entries.Length];
            return _bytes.AsSpan((int)(entry.Offset % _bytes.Length), entry.Length);
        }
    }

    /// <summary>What the event of a number is about.</summary>
    public EventTag TagOf(long number) => _entries[number % _entries.Length].Tag;

    /// <summary>Appends an event.</summary>
    public void Append(ReadOnlySpan<byte> encoded, EventTag tag = default)
    {
        if (encoded.Length > maxBytes)
            throw new ArgumentException("an event is longer than the ring", nameof(encoded));
        while (Next - First >= _entries.Length)
        {
            if (_entries.Length >= maxEvents)
                DropFirst();
            else
                GrowEntries();
        }
        var offset = Place(encoded.Length);
        while (offset + encoded.Length - _tail > _bytes.Length)
        {
            if (_bytes.Length < maxBytes)
                GrowBytes();
            else if (First < Next)
                DropFirst();
            else
                (_head, _tail) = (0, 0);
            offset = Place(encoded.Length);
        }
        encoded.CopyTo(_bytes.AsSpan((int)(offset % _bytes.Length)));
        _entries[Next % _entries.Length] = new Entry(offset, encoded.Length, tag);
        _head = offset + encoded.Length;
        Next++;
    }

    /// <summary>Drops all events and skips a number: what stood behind one of them, or behind none, can be told from what comes now.</summary>
    public void Clear()
    {
        First = ++Next;
        _tail = _head;
    }

    // An event lies in one piece: where it does not fit before the end, it begins anew at the start.
    private long Place(int length)
    {
        var inside = _head % _bytes.Length;
        return inside + length <= _bytes.Length ? _head : _head + _bytes.Length - inside;
    }

    private void DropFirst()
    {
        First++;
        _tail = First < Next ? _entries[First % _entries.Length].Offset : _head;
    }

    private void GrowEntries()
    {
        var larger = new Entry[_entries.Length * 2];
        for (var i = First; i < Next; i++)
            larger[i % larger.Length] = _entries[i % _entries.Length];
        _entries = larger;
    }

    private void GrowBytes()
    {
        var old = _bytes;
        var larger = new byte[Math.Min(maxBytes, old.Length * 2)];
        long head = 0;
        for (var i = First; i < Next; i++)
        {
            ref var entry = ref _entries[i % _entries.Length];
            old.AsSpan((int)(entry.Offset % old.Length), entry.Length).CopyTo(larger.AsSpan((int)head));
            entry = entry with { Offset = head };
            head += entry.Length;
        }
        (_bytes, _tail, _head) = (larger, 0, head);
    }

    private readonly record struct Entry(long Offset, int Length, EventTag Tag);
}
