using System.Buffers.Text;

namespace UeventManager.Core.Dispatch;

/// <content>Subscriptions that begin at a moment.</content>
public sealed partial class Publisher
{
    // What was before this moment is not all kept, for this reason; long.MaxValue while it is not known when that ends.
    private long _wholeSinceUsec;
    private string _notWhole = Restarted;

    // The events before it have times of another clock.
    private long _timedFrom = 1;
    private bool _isInterrupted;

    /// <summary>The first state is known: from now on events are published. Earlier ones are not kept.</summary>
    /// <param name="nowUsec">Now, CLOCK_MONOTONIC microseconds.</param>
    public void Open(long nowUsec)
    {
        if (!IsOpen || _isInterrupted)
            (_wholeSinceUsec, _notWhole) = (nowUsec, Restarted);
        (IsOpen, _isInterrupted) = (true, false);
    }

    /// <summary>Says, after <see cref="Restore"/>, that the times of what is kept are of another clock: no moment can be found among them.</summary>
    /// <param name="nowUsec">Now, by the clock of now.</param>
    public void HasOtherClock(long nowUsec) => (_timedFrom, _wholeSinceUsec, _notWhole) = (Ring.Next, nowUsec, Restarted);

    /// <summary>
    /// Begins a subscription without a state with the events that were delivered since a moment. Where the ring does not reach as far back, or
    /// something was lost since, the gap comes first.
    /// </summary>
    /// <param name="filter">What it wants; null is everything.</param>
    /// <param name="sinceUsec">The moment, CLOCK_MONOTONIC microseconds.</param>
    public SubscriberStream SubscribeSince(DeviceFilter? filter, long sinceUsec)
    {
        var stream = new SubscriberStream(this, filter, stateless: true, unsettled: false);
        var first = FirstSince(sinceUsec);
        // Of what was dropped nobody knows when it was: all that is kept may not be all.
        if (first == Ring.First && first > 1)
            stream.ResumeBehindGap("cursorUnknown", first);
        else if (sinceUsec < _wholeSinceUsec)
            stream.ResumeBehindGap(_notWhole, first == _timedFrom ? Ring.First : first);
        else
            stream.Resume(first);
        _streams.Add(stream);
        return stream;
    }

    // Events are published in the order in which they were settled.
    private long FirstSince(long sinceUsec)
    {
        var (low, high) = (Math.Max(Ring.First, _timedFrom), Ring.Next);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            if (SettledAt(Ring[middle]) >= sinceUsec)
                high = middle;
            else
                low = middle + 1;
        }
        return low;
    }

    // The last event of an entry ends with its times. Within a text a quote is escaped, so nothing of a device looks like it.
    private static long SettledAt(ReadOnlySpan<byte> events)
    {
        var key = "\"settledUsec\":"u8;
        var at = events.LastIndexOf(key);
        return at >= 0 && Utf8Parser.TryParse(events[(at + key.Length)..], out long usec, out _) ? usec : 0;
    }
}
