using UeventManager.Core.Uevents;

namespace UeventManager.Core.Ordering;

/// <summary>Makes events, and gives those that are released or ended to others once the step that ended them is over.</summary>
internal sealed class EventPool
{
    private readonly Stack<PendingEvent> _free = new();
    private readonly List<PendingEvent> _ended = [];

    /// <summary>The newest place in the order of what happens.</summary>
    public long Order { get; set; }

    /// <summary>The wake-up that is under way.</summary>
    public long Wakeup { get; private set; }

    /// <summary>The kernel sent what comes next after this time, as far as this process was running; 0 if it comes as soon as it was sent.</summary>
    public long SentSinceUsec { get; set; }

    /// <summary>The same, however long this process was stopped.</summary>
    public long SentSurelySinceUsec { get; set; }

    /// <summary>Another wake-up begins.</summary>
    public void BeginWakeup() => Wakeup++;

    /// <summary>Something happens that has a place in the order.</summary>
    public long NextOrder() => ++Order;

    /// <summary>A new event.</summary>
    public PendingEvent New(UeventAction action, ReadOnlySpan<byte> properties, long seqnum, bool synthetic, long nowUsec)
    {
        var made = Take(action, seqnum, synthetic, nowUsec);
        made.Properties.Set(properties);
        return made;
    }

    /// <summary>The event of a datagram.</summary>
    public PendingEvent New(in Uevent uevent, UeventAction action, bool synthetic, long nowUsec)
    {
        var made = Take(action, uevent.Seqnum, synthetic || uevent.IsSynthetic, nowUsec);
        made.Properties.Set(uevent.Properties, uevent.Outline);
        return made;
    }

    /// <summary>A newer event of the kernel's is folded into one: udev must be done with that.</summary>
    public void Remark(PendingEvent into, long seqnum, long nowUsec)
    {
        if (seqnum > into.Udev.Seqnum)
            into.Udev = into.Udev.Newer(MarkOf(seqnum, nowUsec));
    }

    /// <summary>The event is over. The driver still reads it while it carries out the step's commands.</summary>
    public void Return(PendingEvent ended) => _ended.Add(ended);

    /// <summary>The commands of the step before are carried out.</summary>
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
