using System.Buffers.Text;

namespace UeventManager.Core.Dispatch;

/// <content>Subscriptions that begin at a given time.</content>
public sealed partial class Publisher
{
    // Events before this time are incomplete, for the reason in _notWhole; long.MaxValue until the end of the loss is known.
    private long _wholeSinceUsec;
    private string _notWhole = Restarted;

    // Events before this number have times of another clock.
    private long _timedFrom = 1;
    private bool _isInterrupted;

    /// <summary>The first state is known: from now on events are published. Earlier events are not kept.</summary>
    /// <param name="nowUsec">Now, CLOCK_MONOTONIC microseconds.</param>
    public void Open(long nowUsec)
    {
        if (!IsOpen || _isInterrupted)
            (_wholeSinceUsec, _notWhole) = (nowUsec, Restarted);
        (IsOpen, _isInterrupted) = (true, false);
    }

    /// <summary>
    /// Called after <see cref="Restore"/> if the restored events have times of another clock, so that no time can be found among them.
    /// </summary>
    /// <param name="nowUsec">Now, by the present clock.</param>
    public void HasOtherClock(long nowUsec) => (_timedFrom, _wholeSinceUsec, _notWhole) = (Ring.Next, nowUsec, Restarted);

    /// <summary>
    /// Begins a subscription without a state, with the events delivered since a time. If the ring does not reach back to that time, or events were
    /// lost since, a gap comes first.
    /// </summary>
    /// <param name="filter">The filter; null for everything.</param>
    /// <param name="sinceUsec">The time, in CLOCK_MONOTONIC microseconds.</param>
    public SubscriberStream SubscribeSince(DeviceFilter? filter, long sinceUsec)
    {
        var stream = new SubscriberStream(this, filter, stateless: true, unsettled: false);
        var first = FirstSince(sinceUsec);
        // The times of dropped events are unknown: if all stored events match, older ones may be missing.
        if (first == Ring.First && first > 1)
            stream.ResumeBehindGap("cursorUnknown", first);
        else if (sinceUsec < _wholeSinceUsec)
            stream.ResumeBehindGap(_notWhole, first == _timedFrom ? Ring.First : first);
        else
            stream.Resume(first);
        _streams.Add(stream);
        return stream;
    }

    // Events are published in the order of their settledUsec, so a binary search works.
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

    // The last event of an entry ends with its times. Quotes inside a text are escaped, so no device text looks like the key.
    private static long SettledAt(ReadOnlySpan<byte> events)
    {
        var key = "\"settledUsec\":"u8;
        var at = events.LastIndexOf(key);
        return at >= 0 && Utf8Parser.TryParse(events[(at + key.Length)..], out long usec, out _) ? usec : 0;
    }
}
