using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace UeventManager.Core.Dispatch;

/// <summary>
/// The replies that wait for one subscriber: first the state, then events. Holds at most <see cref="MaxEvents"/> events or <see cref="MaxBytes"/>;
/// beyond it they are dropped, and the subscriber gets one gap and the state when it reads again.
/// </summary>
public sealed partial class SubscriberStream
{
    /// <summary>The most events that wait for a subscriber.</summary>
    public const int MaxEvents = 16_384;

    /// <summary>The most bytes of waiting events.</summary>
    public const int MaxBytes = 16 * 1024 * 1024;

    /// <summary>The length beyond which a reply takes no further event, in bytes.</summary>
    public const int FrameBytes = 64 * 1024;

    private const string TooSlow = "subscriberTooSlow";

    private readonly Publisher _publisher;
    private readonly Queue<byte[]> _frames = new();
    private readonly SelectedEvents _selected;
    private readonly BitArray? _members;
    private long _next;
    private long _replayEnd;
    private long _sharedBytes;
    private bool _muted;
    private bool _overflowed;
    private string _overflowReason = TooSlow;
    private Replay? _replay;

    internal SubscriberStream(Publisher publisher, DeviceFilter? filter, bool stateless, bool unsettled)
    {
        _publisher = publisher;
        _selected = new SelectedEvents(publisher.Ring);
        _next = publisher.Ring.Next;
        Filter = filter;
        Stateless = stateless;
        Unsettled = unsettled;
        _members = filter is { CanChange: true } && !stateless ? new BitArray(256) : null;
    }

    /// <summary>The filter; null for everything.</summary>
    public DeviceFilter? Filter { get; }

    /// <summary>True for a subscriber without a state.</summary>
    public bool Stateless { get; }

    /// <summary>True if the state includes waiting devices.</summary>
    public bool Unsettled { get; }

    /// <summary>The number of waiting events.</summary>
    public long QueuedEvents => Filter is null ? _publisher.Ring.Next - _next : _selected.Count;

    /// <summary>The bytes of waiting events.</summary>
    public long QueuedBytes => Filter is null ? _sharedBytes : _selected.Bytes;

    /// <summary>The number of gaps sent.</summary>
    public int Gaps { get; private set; }

    /// <summary>True if there is something to send.</summary>
    public bool HasSomething => _frames.Count > 0 || (!_muted && (_overflowed || QueuedEvents > 0 || _replay is not null || _pages is not null));

    /// <summary>Number of the next event for a subscriber without a filter whose reply can be shared; else -1.</summary>
    internal long SharedPosition => Filter is null && _frames.Count == 0 && _pages is null && !_overflowed && !_muted ? _next : -1;

    /// <summary>Takes the next reply if it is a shared page of the state, or a gap.</summary>
    public bool TryTakeFrame([NotNullWhen(true)] out byte[]? frame)
    {
        MakeGap();
        return _frames.TryDequeue(out frame) || TryTakeStatePage(out frame);
    }

    private void MakeGap()
    {
        if (_overflowed && !_muted && _frames.Count == 0 && !_publisher.IsCarrying)
        {
            _overflowed = false;
            PutGap(_overflowReason, null);
            _overflowReason = TooSlow;
            if (!Stateless)
                PutState();
        }
    }

    /// <summary>Writes the next reply with its NUL.</summary>
    /// <returns>False if there is nothing to send.</returns>
    public bool NextFrame(ByteBuffer output)
    {
        MakeGap();
        if (_frames.TryDequeue(out var frame))
        {
            output.Append(frame);
            return true;
        }
        if (_muted || (_overflowed && _publisher.IsCarrying))
            return false;
        if (_pages is { } pages && _readsMembersOnly)
            ReadMembers(pages.Walk);
        else if (_pages is { } state)
            return TryTakeStatePage(out frame) ? Append(output, frame) : _pages is { Walk.IsShared: false } && WriteState(state, output);
        if (_replay is not null && _selected.Count == 0)
            ReplayPiece(_replay);
        if (QueuedEvents == 0)
            return false;
        output.Append(StreamFrames.EventsStart);
        if (Filter is null)
            WriteShared(output);
        else
            WriteSelected(output);
        output.Append(StreamFrames.ListEnd);
        return true;
    }

    private static bool Append(ByteBuffer output, byte[] frame)
    {
        output.Append(frame);
        return true;
    }

    /// <summary>Advances after a reply that was made for another subscriber at the same place.</summary>
    internal void Advance(long next, long bytes)
    {
        _next = next;
        _sharedBytes -= bytes;
    }

    internal void Offer(in DeviceView view, in PublishedPart part, int length, long number, long settledUsec)
    {
        if (_muted || _overflowed)
        {
            _next = number + 1;
            return;
        }
        if (IsLeftToReplay(number))
            return;
        if (Filter is null || Select(view, part, number, settledUsec))
            Queued(number, length);
        else
            DropOverwritten(number);
    }

    internal void Offer(IReadOnlyList<PublishedPart> parts, int length, long number, long settledUsec)
    {
        if (_muted || _overflowed)
            _next = number + 1;
        else if (!IsLeftToReplay(number) && (Filter is null || Select(parts, number, settledUsec)))
            Queued(number, length);
    }

    private void Queued(long number, int length)
    {
        if (Filter is null)
            _sharedBytes += length;
        DropOverwritten(number);
        if (QueuedEvents - Math.Max(0, _replayEnd - _next) > MaxEvents || QueuedBytes > MaxBytes)
            Overflow(number + 1);
    }

    // Unread events may have been overwritten: in a replay, or if a filter selected few events of very many.
    private void DropOverwritten(long number)
    {
        var oldest = Filter is null ? _next : _selected.OldestInRing ?? number;
        if (oldest < _publisher.Ring.First)
            Overflow(number + 1);
    }

    /// <summary>Begins while the state is unknown; it follows as soon as it is known.</summary>
    internal void BeginMuted(string? gap)
    {
        if (gap is not null)
            PutGap(gap, null);
        Mute();
    }

    /// <summary>Begins with the state, or without one.</summary>
    internal void Begin(string? gap = null)
    {
        if (gap is not null)
            PutGap(gap, null);
        if (Stateless)
            _frames.Enqueue(StreamFrames.Ready(_publisher.LastCursor));
        else
            PutState();
    }

    internal void PutGap(string reason, long? lost)
    {
        Gaps++;
        Drop(_publisher.Ring.Next);
        _frames.Enqueue(StreamFrames.Gap(reason, lost));
    }

    /// <summary>Sends no events until <see cref="Unmute"/>: they are part of the state that follows.</summary>
    internal void Mute()
    {
        _muted = !Stateless;
        _publisher.HasMuted |= _muted;
        _overflowed = false;
    }

    internal void Unmute()
    {
        if (!_muted)
            return;
        _muted = false;
        PutState();
    }

    private void Overflow(long next)
    {
        _overflowed = true;
        Drop(next);
    }

    private void Drop(long next)
    {
        _next = next;
        _sharedBytes = 0;
        EndReading();
        _replay = null;
        _selected.Clear();
        _frames.Clear();
    }

    private void WriteShared(ByteBuffer output)
    {
        var written = 0;
        for (var first = true; _next < _publisher.Ring.Next && written < FrameBytes; first = false)
        {
            var encoded = _publisher.Ring[_next++];
            if (!first)
                output.Append((byte)',');
            output.Append(encoded);
            written += encoded.Length;
            if (_next > _replayEnd)
                _sharedBytes -= encoded.Length;
        }
    }

    private void WriteSelected(ByteBuffer output)
    {
        var written = 0;
        for (var first = true; written < FrameBytes && _selected.TryTake(out var encoded); first = false)
        {
            if (!first)
                output.Append((byte)',');
            output.Append(encoded);
            written += encoded.Length;
        }
    }
}
