using System.Numerics;

namespace UeventManager.Core.Dispatch;

/// <summary>
/// The last events, encoded once, for every subscriber and for replay. Bounded in events and bytes; at the bound the oldest are dropped. The ring
/// consists of segments, which are reused when their events are dropped, so no event is ever copied. From <see cref="Reserve"/> on, or when the first
/// segment is full, all further segments are one array, whose pages the system provides at the first write. Separate segments would be large objects,
/// for some of which the collector would go over the whole heap.
/// </summary>
/// <param name="maxEvents">The most events.</param>
/// <param name="maxBytes">The most bytes of all segments in use. An event longer than a segment gets a segment of its own in addition: if only such
/// events come to a full ring, it uses up to twice as much.</param>
public sealed partial class EventRing(int maxEvents = EventRing.DefaultMaxEvents, int maxBytes = EventRing.DefaultMaxBytes)
{
    /// <summary>The default number of events.</summary>
    public const int DefaultMaxEvents = 65_536;

    /// <summary>The default number of bytes.</summary>
    public const int DefaultMaxBytes = 32 * 1024 * 1024;

    private const int FewEntries = 512;

    private readonly int _segmentBytes = Math.Clamp(maxBytes / 16, 1, 256 * 1024);
    // A power of two, so that a mask gives an event's place.
    private readonly int _places = (int)BitOperations.RoundUpToPowerOf2((uint)maxEvents);

    // Few at first, then all at once, like the segments.
    private Entry[] _entries = new Entry[Math.Min(FewEntries, (int)BitOperations.RoundUpToPowerOf2((uint)maxEvents))];
    private readonly Queue<Segment> _segments = new();
    private readonly Stack<Segment> _spares = new();
    private Segment? _newest;
    private bool _isWhole;
    private long _held;

    /// <summary>Number of the oldest event.</summary>
    public long First { get; private set; } = 1;

    /// <summary>Number of the next event.</summary>
    public long Next { get; private set; } = 1;

    /// <summary>Bytes of all events.</summary>
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

    /// <summary>The tag of an event.</summary>
    public EventTag TagOf(long number) => EntryOf(number).Tag;

    /// <summary>The notes of an event.</summary>
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
        if (_newest is not { } segment || segment.Length - segment.Used < length)
            segment = OpenSegment(length);
        var offset = segment.Start + segment.Used;
        encoded.CopyTo(segment.Bytes.AsSpan(offset));
        notes.CopyTo(segment.Bytes.AsSpan(offset + encoded.Length));
        EntryOf(Next) = new Entry(segment.Bytes, offset, encoded.Length, notes.Length, tag);
        segment.Used += length;
        segment.Last = Next++;
        Bytes += length;
    }

    /// <summary>Drops all events and skips a number, so that a cursor behind a dropped event differs from every later cursor.</summary>
    public void Clear()
    {
        while (First < Next)
            DropFirst();
        First = ++Next;
    }

    /// <summary>Allocates all memory in advance, so that the collector does not stop a storm for it; unused pages take no memory.</summary>
    public void Reserve()
    {
        if (_entries.Length < _places)
            Array.Resize(ref _entries, _places);
        if (_isWhole)
            return;
        _isWhole = true;
        var count = (maxBytes / _segmentBytes) - _spares.Count - _segments.Count(segment => segment.Length == _segmentBytes);
        _segments.EnsureCapacity(maxBytes / _segmentBytes);
        _spares.EnsureCapacity(maxBytes / _segmentBytes);
        var whole = GC.AllocateUninitializedArray<byte>(count * _segmentBytes);
        while (count > 0)
            _spares.Push(new Segment(whole, --count * _segmentBytes, _segmentBytes));
    }

    private ref Entry EntryOf(long number)
    {
        var at = (int)number & (_places - 1);
        if (at >= _entries.Length)
            Reserve();
        return ref _entries[at];
    }

    private Segment OpenSegment(int length)
    {
        var size = Math.Max(_segmentBytes, length);
        while (_held + size > maxBytes && First < Next)
            DropFirst();
        if (size == _segmentBytes && _spares.Count == 0 && _segments.Count > 0)
            Reserve();
        if (size > _segmentBytes || !_spares.TryPop(out var segment))
            segment = new Segment(GC.AllocateUninitializedArray<byte>(size), 0, size);
        segment.Used = 0;
        _held += size;
        _segments.Enqueue(segment);
        return _newest = segment;
    }

    private void DropFirst()
    {
        Bytes -= EntryOf(First).Length + EntryOf(First).Notes;
        // A stale entry would keep a segment of its own size alive for a whole round.
        EntryOf(First++) = default;
        while (_segments.TryPeek(out var oldest) && oldest.Last < First)
            Release(_segments.Dequeue());
    }

    private void Release(Segment segment)
    {
        _held -= segment.Length;
        if (segment == _newest)
            _newest = null;
        if (segment.Length == _segmentBytes)
            _spares.Push(segment);
    }

    private sealed class Segment(byte[] bytes, int start, int length)
    {
        public byte[] Bytes { get; } = bytes;

        public int Start { get; } = start;

        public int Length { get; } = length;

        public int Used { get; set; }

        /// <summary>Number of the newest event in the segment.</summary>
        public long Last { get; set; }
    }

    private readonly record struct Entry(byte[] Bytes, int Offset, int Length, int Notes, EventTag Tag);
}
