using UeventManager.Core.Ordering;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Dispatch;

/// <content>The ring's notes about moves, and the events that subscribers with a filter get for them.</content>
public sealed partial class Publisher
{
    private readonly EventEncoder _below = new();
    private BelowEncoder? _encodeBelow;
    private long _belowNumber;
    private long _belowUsec;

    private void WriteNotes(PendingEvent released, Device? device, long number, long settledUsec)
    {
        (_belowNumber, _belowUsec) = (number, settledUsec);
        EventNotes.Write(_notes, released, device, _encodeBelow ??= Encode);
    }

    private ReadOnlySpan<byte> Encode(CarriedDevice carried)
    {
        var view = DeviceView.Of(carried.Event, carried.Device);
        return _below.Event(new Cursor(_epoch, _belowNumber), carried.Event, view, UeventAction.Move, _belowUsec);
    }

    // Only subscribers with a filter get other events than the ring has.
    private MoveEvent? MoveOf(PendingEvent released, Device? device, ReadOnlySpan<byte> encoded, ReadOnlySpan<byte> written)
    {
        if (released.Action != UeventAction.Move || device is null || !_streams.Exists(stream => stream.Filter is not null))
            return null;
        var notes = new EventNotes(written);
        notes.MoveNext();
        return new MoveEvent(encoded, notes);
    }
}

/// <summary>An event that is being published.</summary>
/// <param name="Released">The event.</param>
/// <param name="Device">Its device; null for other kobjects.</param>
/// <param name="Move">The events for subscribers with a filter, if this is a device's move and there is such a subscriber.</param>
internal readonly record struct PublishedPart(PendingEvent Released, Device? Device, MoveEvent? Move);
