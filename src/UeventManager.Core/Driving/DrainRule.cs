namespace UeventManager.Core.Driving;

/// <summary>The results of one batch of datagrams.</summary>
public enum BatchEnd : byte
{
    /// <summary>Nothing.</summary>
    Nothing,

    /// <summary>All events are stepped that could have been queued when <see cref="DrainRule.DrainedLooks"/> had ended.</summary>
    Drained,

    /// <summary>Events were lost, and their number is known now.</summary>
    Overrun,
}

/// <summary>
/// Decides from batches of datagrams when all events are stepped that could have been queued at some moment: either the queue was seen empty since
/// then, or as many datagrams arrived as could have been queued. In a storm the queue is never seen empty; sk_rmem_alloc counts each datagram with at
/// least 512 bytes.
/// </summary>
/// <param name="mostQueued">Returns the most datagrams that can be queued now.</param>
public sealed class DrainRule(Func<long> mostQueued)
{
    private long _stepped;
    private long _emptied;
    private bool _isCongested;
    private long _looksBefore;
    private long _markLooks = -1;
    private DrainMark _mark;

    /// <summary>The number of looks that are drained, after <see cref="BatchEnd.Drained"/>.</summary>
    public long DrainedLooks { get; private set; }

    /// <summary>Begins a receive.</summary>
    /// <param name="endedLooks">The number of ended looks.</param>
    public void BeginBatch(long endedLooks) => _looksBefore = endedLooks;

    /// <summary>Counts a datagram that was stepped or refused.</summary>
    public void Step() => _stepped++;

    /// <summary>Ends a batch.</summary>
    /// <param name="sawEmpty">Whether the receive found fewer datagrams than it asked for.</param>
    /// <param name="overrun">Whether the receive reported that the kernel has dropped datagrams (ENOBUFS). The datagrams queued before then still
    /// follow, and until the queue is empty the kernel drops every new one (NETLINK_S_CONGESTED): only then is the number of lost datagrams final,
    /// and only a scan from then on sees everything.</param>
    /// <param name="needsDrain">Whether a result waits for the drain.</param>
    /// <param name="endedLooks">The number of looks that have ended by now.</param>
    public BatchEnd EndBatch(bool sawEmpty, bool overrun, bool needsDrain, long endedLooks)
    {
        _isCongested |= overrun;
        if (sawEmpty)
        {
            _emptied++;
            _markLooks = -1;
            (overrun, _isCongested) = (_isCongested, false);
            DrainedLooks = _looksBefore;
            return overrun ? BatchEnd.Overrun : needsDrain ? BatchEnd.Drained : BatchEnd.Nothing;
        }
        if (!needsDrain || _isCongested)
            return BatchEnd.Nothing;
        if (_markLooks < 0)
        {
            (_markLooks, _mark) = (endedLooks, Mark());
            return BatchEnd.Nothing;
        }
        if (!IsPast(_mark))
            return BatchEnd.Nothing;
        (DrainedLooks, _markLooks) = (_markLooks, -1);
        return BatchEnd.Drained;
    }

    /// <summary>A place in the stream of datagrams: behind everything that is queued now.</summary>
    public DrainMark Mark()
    {
        var queued = mostQueued();
        return new DrainMark(_emptied, _stepped + queued, queued == 0 && !_isCongested);
    }

    /// <summary>Whether everything before a place is stepped.</summary>
    public bool IsPast(in DrainMark mark) => mark.WasEmpty || _emptied > mark.Emptied || (_stepped >= mark.Stepped && !_isCongested);
}

/// <summary>A place in the stream of datagrams.</summary>
/// <param name="Emptied">How often the queue had been seen empty.</param>
/// <param name="Stepped">The number of datagrams stepped when the place is reached.</param>
/// <param name="WasEmpty">True if nothing was queued.</param>
public readonly record struct DrainMark(long Emptied, long Stepped, bool WasEmpty);
