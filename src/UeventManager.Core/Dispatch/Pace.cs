namespace UeventManager.Core.Dispatch;

/// <summary>
/// Whether to leave the next events with the kernel for a moment, because a subscriber that reads is far behind: in a storm events are made faster
/// than a client that keeps reading takes them. Nobody waits for another: as soon as one subscriber has read all there is, or nearly,
/// events are published on, and a slower subscriber has its queue and its gap. That time must be earned, so that a subscriber that reads little or nothing delays no other: a
/// subscriber has <see cref="SubscriberUsec"/> and earns more by what it takes; all together have <see cref="TotalUsec"/> and earn more by the
/// events that were published. So no subscriber, and no number of them, makes it slower than <see cref="LeastEventsPerSecond"/> for longer than that.
/// </summary>
public sealed class Pace
{
    /// <summary>How long one subscriber is waited for beyond what it earns, microseconds.</summary>
    public const long SubscriberUsec = 250_000;

    /// <summary>
    /// How long it is waited for while it takes nothing at all, microseconds: the scheduler runs a reader within that time, also on a busy
    /// machine; a subscriber that does not read is not waited for again before it does.
    /// </summary>
    public const long InVainUsec = 50_000;

    /// <summary>How long all of them together are waited for while nothing is published, microseconds.</summary>
    public const long TotalUsec = 500_000;

    /// <summary>After how long at the latest to ask again. What passes beyond it is the machine's time, and nobody's fault.</summary>
    public const long OnceUsec = 1_000;

    /// <summary>What waiting never makes slower than this.</summary>
    public const int LeastEventsPerSecond = 10_000;

    /// <summary>A subscriber that takes less than this is waited for less and less.</summary>
    public const int LeastBytesPerSecond = 5_000_000;

    private const long UsecPerEvent = 1_000_000 / LeastEventsPerSecond;
    private readonly Publisher _publisher;
    private readonly List<SubscriberStream> _waitedFor = [];
    private long _creditUsec = TotalUsec;
    private long _published;
    private long _sinceUsec;

    internal Pace(Publisher publisher) => (_publisher, _published) = (publisher, publisher.Ring.Next);

    /// <summary>Time spent so, microseconds.</summary>
    public long WaitedUsec { get; private set; }

    /// <summary>False if nobody is far behind: then nobody is waited for, and no clock need be asked.</summary>
    public bool MayWait => _waitedFor.Count > 0 || _publisher.HasFarBehind;

    /// <summary>Decides for now; to be asked again when a subscriber has taken something, or after <see cref="OnceUsec"/>.</summary>
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
        // The system is asked whether a subscriber has everything, so only if it matters.
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

    /// <summary>Waits no longer, whatever was decided.</summary>
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
