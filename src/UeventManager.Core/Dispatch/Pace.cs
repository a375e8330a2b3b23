namespace UeventManager.Core.Dispatch;

/// <summary>
/// Decides whether to leave the next events in the kernel's queue for a moment, because a reading subscriber is far behind: in a storm events come
/// faster than a client can read them. No subscriber waits for another: as soon as one has read nearly everything, publishing continues, and a slower
/// subscriber uses its queue and gets its gap. The waiting time must be earned, so that a subscriber that reads little delays no other: each
/// subscriber has <see cref="SubscriberUsec"/> and earns more by reading; all together have <see cref="TotalUsec"/> and earn more by published
/// events. So no number of subscribers makes publishing slower than <see cref="LeastEventsPerSecond"/> for longer than that.
/// </summary>
public sealed class Pace
{
    /// <summary>The time for one subscriber beyond what it earns, in microseconds.</summary>
    public const long SubscriberUsec = 250_000;

    /// <summary>
    /// The time for a subscriber that takes nothing at all, in microseconds: the scheduler runs a reader within that time, also on a busy machine.
    /// Afterwards the publisher does not wait for that subscriber until it reads again.
    /// </summary>
    public const long InVainUsec = 50_000;

    /// <summary>The time for all subscribers together while nothing is published, in microseconds.</summary>
    public const long TotalUsec = 500_000;

    /// <summary>The longest time until the next question. Time beyond it is the machine's delay, and is not charged to subscribers.</summary>
    public const long OnceUsec = 1_000;

    /// <summary>The publishing rate below which waiting never goes.</summary>
    public const int LeastEventsPerSecond = 10_000;

    /// <summary>A subscriber that reads less than this earns less time than it uses.</summary>
    public const int LeastBytesPerSecond = 5_000_000;

    private const long UsecPerEvent = 1_000_000 / LeastEventsPerSecond;
    private readonly Publisher _publisher;
    private readonly List<SubscriberStream> _waitedFor = [];
    private long _creditUsec = TotalUsec;
    private long _published;
    private long _sinceUsec;

    internal Pace(Publisher publisher) => (_publisher, _published) = (publisher, publisher.Ring.Next);

    /// <summary>The time spent waiting, in microseconds.</summary>
    public long WaitedUsec { get; private set; }

    /// <summary>False if no subscriber is far behind: then no clock need be read.</summary>
    public bool MayWait => _waitedFor.Count > 0 || _publisher.HasFarBehind;

    /// <summary>Decides for now; ask again when a subscriber has read something, or after <see cref="OnceUsec"/>.</summary>
    /// <param name="nowUsec">Now.</param>
    /// <returns>True to publish nothing for the moment.</returns>
    public bool ShouldWait(long nowUsec)
    {
        GoOn(nowUsec);
        _creditUsec = Math.Min(TotalUsec, _creditUsec + (_publisher.Ring.Next - _published) * UsecPerEvent);
        _published = _publisher.Ring.Next;
        if (_creditUsec <= 0)
            return false;
        foreach (var stream in _publisher.Streams)
        {
            if (stream.IsWorthWaiting())
                _waitedFor.Add(stream);
        }
        // HasAll needs a system call, so it is asked only if it matters.
        if (_waitedFor.Count > 0 && AnyHasAll())
            _waitedFor.Clear();
        _sinceUsec = nowUsec;
        return _waitedFor.Count > 0;
    }

    private bool AnyHasAll()
    {
        foreach (var stream in _publisher.Streams)
        {
            if (stream.HasAll)
                return true;
        }
        return false;
    }

    /// <summary>Ends the wait at once.</summary>
    /// <param name="nowUsec">Now.</param>
    public void GoOn(long nowUsec)
    {
        if (_waitedFor.Count == 0)
            return;
        var usec = Math.Min(OnceUsec, nowUsec - _sinceUsec);
        _creditUsec -= usec;
        WaitedUsec += usec;
        foreach (var stream in _waitedFor)
            stream.WasWaitedFor(usec);
        _waitedFor.Clear();
    }
}
