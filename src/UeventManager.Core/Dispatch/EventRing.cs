using System.Numerics;

namespace UeventManager.Core.Dispatch;

/// <summary>
/// The last events, encoded once, for every subscriber and for replay. Bounded in events and bytes; at the bound the
/// oldest go. Memory grows with use by whole segments, never by copying, and what the oldest give back is used again.
/// </summary>
/// <param name="maxEvents">Most events.</param>
/// <param name="maxBytes">Most bytes of all segments; an event that is longer than a segment has one of its own.</param>
public sealed partial class EventRing(int maxEvents = EventRing.DefaultMaxEvents, int maxBytes = EventRing.DefaultMaxBytes)
{
    /// <summary>Default of the most events.</summary>
    public const int DefaultMaxEvents = 65_536;

    /// <summary>Default of the most bytes.</summary>
    public const int DefaultMaxBytes = 32 * 1024 * 1024;

    private const int ChunkEntries = 1024;

    // Segments come and go one by one where the ring is full: more than these are not worth keeping.
    private const int MaxSpares = 2;

    private readonly int _segmentBytes = Math.Clamp(maxBytes / 16, 1, 256 * 1024);
    // A power of two: an event's place is found by a mask.
    private readonly Entry[]?[] _chunks = new Entry[Math.Max(1, (int)BitOperations.RoundUpToPowerOf2((uint)maxEvents) / ChunkEntries)][];
    private readonly Queue<Segment> _segments = new();
    private readonly Stack<Segment> _spares = new();
    private Segment? _newest;
    private long _held;

    /// <summary>Number of the oldest event kept.</summary>
    public long First { get; private set; } = 1;

    /// <summary>Number of the next event; the newest kept is the one before.</summary>
    public long Next { get; private set; } = 1;

    /// <summary>Bytes of all events kept.</summary>
    public long Bytes { get; private set; }

    /// <summary>The encoded event of a number between <see cref="First"/> and <see cref="Next"/>.</summary>
    public ReadOnlySpan<byte> this[long number]
    {
        get
        {
            ref readonly var entry = ref EntryOf(number);
            return entry.Bytes.AsSpan(entry.Offset, entry.Length);
        }
    }

    /// <summary>What the event of a number is about.</summary>
    public EventTag TagOf(long number) => EntryOf(number).Tag;

    /// <summary>What is kept of the event beside its text.</summary>
    public ReadOnlySpan<byte> NotesOf(long number)
    {
        ref readonly var entry = ref EntryOf(number);
        return entry.Bytes.AsSpan(entry.Offset + entry.Length, entry.Notes);
    }

    /// <summary>Appends an event.</summary>
    public void Append(ReadOnlySpan<byte> encoded, EventTag tag = default, ReadOnlySpan<byte> notes = default)
    {
        var length = encoded.Length + notes.Length;
        if (length > maxBytes)
            throw new ArgumentException("an event is longer than the ring", nameof(encoded));
        if (Next - First >= maxEvents)
            DropFirst();
        if (_newest is not { } segment || segment.Bytes.Length - segment.Used < length)
            segment = OpenSegment(length);
        encoded.CopyTo(segment.Bytes.AsSpan(segment.Used));
        notes.CopyTo(segment.Bytes.AsSpan(segment.Used + encoded.Length));
        EntryOf(Next) = new Entry(segment.Bytes, segment.Used, encoded.Length, notes.Length, tag);
        segment.Used += length;
        segment.Last = Next++;
        Bytes += length;
    }

    /// <summary>Drops all events and skips a number: what stood behind one of them, or behind none, can be told from what comes now.</summary>
    public void Clear()
    {
        while (First < Next)
            DropFirst();
        First = ++Next;
    }

    private ref Entry EntryOf(long number)
    {
        var chunk = _chunks[(int)(number / ChunkEntries) & (_chunks.Length - 1)] ?? OpenChunk(number);
        return ref chunk[(int)number & (ChunkEntries - 1)];
    }

    private Entry[] OpenChunk(long number) => _chunks[(int)(number / ChunkEntries) & (_chunks.Length - 1)] = new Entry[ChunkEntries];

    private Segment OpenSegment(int length)
    {
        var size = Math.Max(_segmentBytes, length);
        while (_held + size > maxBytes && First < Next)
            DropFirst();
        if (size > _segmentBytes || !_spares.TryPop(out var segment))
            segment = new Segment(GC.AllocateUninitializedArray<byte>(size));
        segment.Used = 0;
        _held += size;
        _segments.Enqueue(segment);
        return _newest = segment;
    }

    private void DropFirst()
    {
        Bytes -= EntryOf(First).Length + EntryOf(First).Notes;
        // A slot that keeps a segment of its own size would keep it for a whole round.
        EntryOf(First++) = default;
        while (_segments.TryPeek(out var oldest) && oldest.Last < First)
            Release(_segments.Dequeue());
    }

    private void Release(Segment segment)
    {
        _held -= segment.Bytes.Length;
        if (segment == _newest)
            _newest = null;
        if (segment.Bytes.Length == _segmentBytes && _spares.Count < MaxSpares)
            _spares.Push(segment);
    }

    private sealed class Segment(byte[] bytes)
    {
        public byte[] Bytes { get; } = bytes;

        public int Used { get; set; }

        /// <summary>Number of the newest event in it.</summary>
        public long Last { get; set; }
    }

    private readonly record struct Entry(byte[] Bytes, int Offset, int Length, int Notes, EventTag Tag);
}
