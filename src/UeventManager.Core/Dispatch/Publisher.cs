using UeventManager.Core.Ordering;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Dispatch;

/// <summary>Encodes every released event once and stores it for all subscribers.</summary>
/// <param name="devices">The known devices, for the state.</param>
/// <param name="epoch">A random number that distinguishes this run's cursors from other runs'.</param>
public sealed partial class Publisher(DeviceTree devices, ulong epoch)
{
    private const string Restarted = "restarted";
    private const string Overrun = "kernelOverrun";
    private ulong _epoch = epoch;
    private ulong _interrupted = epoch;
    private readonly EventEncoder _encoder = new();
    private readonly List<SubscriberStream> _streams = [];
    private readonly List<PublishedPart> _parts = [];
    private readonly ByteBuffer _transaction = new();
    private readonly Dictionary<byte[], string> _devTypes = new(new PathComparer());
    private readonly ByteBuffer _notes = new(256);
    private long _goneGaps;
    private long _lostBefore;
    private bool _isLost;
    private bool _isReconciled;

    /// <summary>Grows with everything published: while it stays the same, no subscriber has anything new to get.</summary>
    public long News { get; private set; }

    /// <summary>The stored events.</summary>
    public EventRing Ring { get; } = new();

    /// <summary>Decides whether to publish on or to wait for subscribers.</summary>
    public Pace Pace => field ??= new Pace(this);

    /// <summary>The subscribers.</summary>
    public IReadOnlyList<SubscriberStream> Streams => _streams;

    internal bool HasFarBehind
    {
        get
        {
            foreach (var stream in _streams)
            {
                if (stream.IsFarBehind)
                    return true;
            }
            return false;
        }
    }

    /// <summary>The number of gaps sent, including those of former subscribers.</summary>
    public long Gaps => _goneGaps + _streams.Sum(stream => (long)stream.Gaps);

    /// <summary>The cursor behind the newest event.</summary>
    public Cursor LastCursor => CursorAt(Ring.Next - 1);

    /// <summary>The cursor behind an event.</summary>
    public Cursor CursorAt(long number) => new(_epoch, number);

    /// <summary>Begins a subscription with the state, or without one.</summary>
    /// <param name="filter">The filter; null for everything.</param>
    /// <param name="stateless">True for events without a state.</param>
    /// <param name="unsettled">True to include waiting devices in the state.</param>
    /// <param name="cursor">The cursor to resume at, or null. A cursor that the ring does not contain any more gets a gap.</param>
    public SubscriberStream Subscribe(DeviceFilter? filter, bool stateless, bool unsettled, string? cursor)
    {
        var stream = new SubscriberStream(this, filter, stateless, unsettled);
        if (_isLost && !stateless)
            stream.BeginMuted(cursor is null ? null : Overrun);
        else if (cursor is null)
            stream.Begin();
        else if (WhyNot(cursor, out var place) is { } reason)
        {
            if (stateless && reason == Restarted && place.Epoch == _interrupted && Holds(place))
                stream.ResumeBehindGap(reason, place.Number + 1);
            else
                stream.Begin(reason);
        }
        else
            stream.Resume(place.Number + 1);
        _streams.Add(stream);
        return stream;
    }

    // The reason why a subscription cannot resume at a cursor. Events lost in an overrun are in no ring.
    private string? WhyNot(string cursor, out Cursor place)
    {
        if (!Cursor.TryParse(cursor, out place))
            return "cursorUnknown";
        if (place.Epoch != _epoch)
            return Restarted;
        if (place.Number < _lostBefore)
            return Overrun;
        return Holds(place) ? null : "cursorUnknown";
    }

    private bool Holds(Cursor place) => place.Number >= Ring.First - 1 && place.Number < Ring.Next;

    /// <summary>Ends a subscription.</summary>
    public void Unsubscribe(SubscriberStream stream)
    {
        stream.EndReading();
        if (_streams.Remove(stream))
            _goneGaps += stream.Gaps;
    }

    /// <summary>False until the first state is known: earlier events are part of that state and are not published.</summary>
    public bool IsOpen { get; set; }

    /// <summary>
    /// True between <see cref="Begin"/> and <see cref="End"/>. The known devices are then ahead of the published events, so no state is made of them:
    /// a subscriber that needs a state gets it at the end, and events published until then are part of that state.
    /// </summary>
    internal bool IsCarrying { get; private set; }

    /// <summary>Set by a subscriber that waits for its state.</summary>
    internal bool HasMuted { get; set; }

    /// <summary>Begins to publish the events of the engine's decisions.</summary>
    public void Begin() => IsCarrying = true;

    /// <summary>Ends publishing: the known devices match the published events. States that are due follow here.</summary>
    public void End()
    {
        IsCarrying = false;
        if (_isReconciled)
            (_isReconciled, _isLost) = (false, false);
        if (_isLost || !HasMuted)
            return;
        HasMuted = false;
        foreach (var stream in _streams)
            stream.Unmute();
    }

    /// <summary>Publishes a released event.</summary>
    /// <param name="released">The event.</param>
    /// <param name="device">Its device; null for other kobjects.</param>
    /// <param name="settledUsec">The time of release, in CLOCK_MONOTONIC microseconds.</param>
    public void Publish(PendingEvent released, Device? device, long settledUsec)
    {
        if (!IsOpen)
            return;
        News++;
        if (released.Transaction is not null)
        {
            PublishPart(released, device, settledUsec);
            return;
        }
        var number = Ring.Next;
        var view = DeviceView.Of(released, device);
        _notes.Clear();
        WriteNotes(released, device, number, settledUsec);
        var encoded = _encoder.Event(new Cursor(_epoch, number), released, view, released.Action, settledUsec);
        Ring.Append(encoded, new EventTag(view.Subsystem, DevTypeOf(view), released.Action), _notes.Written);
        var part = new PublishedPart(released, device, MoveOf(released, device, encoded, _notes.Written));
        foreach (var stream in _streams)
        {
            try
            {
                stream.Offer(view, part, encoded.Length, number, settledUsec);
            }
            catch (Exception e) when (stream.Failed is not null)
            {
                stream.Failed(e);
            }
        }
    }

    // DEVTYPE has few values, so each becomes a string only once.
    private string? DevTypeOf(in DeviceView view)
    {
        if (!view.TryGet("DEVTYPE"u8, out var type))
            return null;
        var known = _devTypes.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (known.TryGetValue(type, out var text))
            return text;
        text = KernelText.Decode(type);
        if (_devTypes.Count < 256)
            known[type] = text;
        return text;
    }

    // The events of a transaction are one entry of the ring: they share a cursor, and no subscriber gets only some of them because of a cursor.
    private void PublishPart(PendingEvent released, Device? device, long settledUsec)
    {
        if (_parts.Count > 0)
            _transaction.Append((byte)',');
        else
            _notes.Clear();
        var number = Ring.Next;
        var before = _notes.Length;
        WriteNotes(released, device, number, settledUsec);
        var encoded = _encoder.Event(new Cursor(_epoch, number), released, DeviceView.Of(released, device), released.Action, settledUsec);
        _transaction.Append(encoded);
        _parts.Add(new PublishedPart(released, device, MoveOf(released, device, encoded, _notes.Written[before..])));
        if (!released.EndsTransaction)
            return;
        Ring.Append(_transaction.Written, default, _notes.Written);
        foreach (var stream in _streams)
        {
            try
            {
                stream.Offer(_parts, _transaction.Length, number, settledUsec);
            }
            catch (Exception e) when (stream.Failed is not null)
            {
                stream.Failed(e);
            }
        }
        _parts.Clear();
        _transaction.Clear();
    }

    /// <summary>Sends a gap to every subscriber; the state follows when it is known again.</summary>
    public void Gap(string reason, long? lost)
    {
        News++;
        _lostBefore = Ring.Next;
        (_isLost, _isReconciled) = (true, false);
        (_wholeSinceUsec, _notWhole) = (long.MaxValue, reason);
        foreach (var stream in _streams)
        {
            stream.PutGap(reason, lost);
            stream.Mute();
        }
    }

    /// <summary>The state is known again; it is sent once the events decided with it are published.</summary>
    /// <param name="nowUsec">Now, CLOCK_MONOTONIC microseconds.</param>
    public void Reconciled(long nowUsec)
    {
        News++;
        if (_isLost)
            _wholeSinceUsec = nowUsec;
        _isReconciled = true;
        if (!IsCarrying)
            End();
    }

    /// <summary>CLOCK_REALTIME in microseconds, for the events published from now on.</summary>
    public long RealtimeUsec
    {
        get => _encoder.RealtimeUsec;
        set => (_encoder.RealtimeUsec, _below.RealtimeUsec) = (value, value);
    }

    internal byte[] Encode(PendingEvent released, Device? device, UeventAction action, long number, long settledUsec) =>
        _encoder.Event(new Cursor(_epoch, number), released, DeviceView.Of(released, device), action, settledUsec).ToArray();

    /// <summary>Encodes one device; valid until the next call.</summary>
    public ReadOnlySpan<byte> Encode(in DeviceView view) => _encoder.Device(view);
}
