using UeventManager.Core.Uevents;

namespace UeventManager.Core.Ordering;

/// <summary>Creates events and reuses released or ended ones after the step that ended them.</summary>
internal sealed class EventPool
{
    private readonly Stack<PendingEvent> _free = new();
    private readonly List<PendingEvent> _ended = [];

    /// <summary>The order of the latest event or other ordered happening.</summary>
    public long Order { get; set; }

    /// <summary>The number of the present wake-up.</summary>
    public long Wakeup { get; private set; }

    /// <summary>
    /// The earliest time at which the kernel sent the next event, as far as this process was running; 0 if events arrive as soon as they are sent.
    /// </summary>
    public long SentSinceUsec { get; set; }

    /// <summary>The same, also if this process was stopped for any time.</summary>
    public long SentSurelySinceUsec { get; set; }

    /// <summary>Begins another wake-up.</summary>
    public void BeginWakeup() => Wakeup++;

    /// <summary>Takes the next place in the order.</summary>
    public long NextOrder() => ++Order;

    /// <summary>Creates an event.</summary>
    public PendingEvent New(UeventAction action, ReadOnlySpan<byte> properties, long seqnum, bool synthetic, long nowUsec)
    {
        var made = Take(action, seqnum, synthetic, nowUsec);
        made.Properties.Set(properties);
        return made;
    }

    /// <summary>Creates an event of ours about an announced device.</summary>
    public PendingEvent New(UeventAction action, Device device, long nowUsec)
    {
        var made = Take(action, 0, synthetic: true, nowUsec);
        FileProperties.CopyOwn(device, made.Properties, action);
        return made;
    }

    /// <summary>Creates the event of a datagram.</summary>
    public PendingEvent New(in Uevent uevent, UeventAction action, bool synthetic, long nowUsec)
    {
        var made = Take(action, uevent.Seqnum, synthetic || uevent.IsSynthetic, nowUsec);
        made.Properties.Set(uevent.Properties, uevent.Outline);
        return made;
    }

    /// <summary>Folds a newer kernel event into an event: udev must then have processed the newer one.</summary>
    public void Remark(PendingEvent into, long seqnum, long nowUsec)
    {
        if (seqnum > into.Udev.Seqnum)
            into.Udev = into.Udev.Newer(MarkOf(seqnum, nowUsec));
    }

    /// <summary>Returns an ended event. The driver still reads it while it carries out the step's commands.</summary>
    public void Return(PendingEvent ended) => _ended.Add(ended);

    /// <summary>Begins a step: the commands of the previous step have been carried out.</summary>
    public void BeginStep()
    {
        if (_ended.Count == 0)
            return;
        foreach (var ended in _ended)
        {
            ended.Clear();
            _free.Push(ended);
        }
        _ended.Clear();
    }

    private PendingEvent Take(UeventAction action, long seqnum, bool synthetic, long nowUsec)
    {
        if (!_free.TryPop(out var taken))
            taken = new PendingEvent();
        (taken.Action, taken.Seqnum, taken.Synthetic, taken.ArrivedUsec) = (action, seqnum, synthetic, nowUsec);
        (taken.Wakeup, taken.Order) = (Wakeup, NextOrder());
        taken.Udev = MarkOf(seqnum, nowUsec);
        return taken;
    }

    private UdevMark MarkOf(long seqnum, long nowUsec)
    {
        if (seqnum == 0)
            return new UdevMark(0, Order, 0, 0);
        var surely = SentSurelySinceUsec > 0 ? SentSurelySinceUsec : nowUsec;
        return new UdevMark(seqnum, Order, SentSinceUsec > 0 ? SentSinceUsec : nowUsec, surely) { BornUsec = surely, IsFirst = true };
    }
}
