namespace UeventManager.Core.Driving;

/// <summary>What follows from one batch of datagrams.</summary>
public enum BatchEnd : byte
{
    /// <summary>Nothing.</summary>
    Nothing,

    /// <summary>All is stepped that could have been queued when <see cref="DrainRule.DrainedLooks"/> had ended.</summary>
    Drained,

    /// <summary>Events were lost, and it is known now how many.</summary>
    Overrun,
}

/// <summary>
/// Knows from batches of datagrams when everything is stepped that could have been queued at some moment: the queue was seen empty since, or as many
/// datagrams came as could have been queued. In a storm it is never seen empty; sk_rmem_alloc counts each datagram with at least 512 bytes.
/// </summary>
/// <param name="mostQueued">How many datagrams can be queued now, at most.</param>
public sealed class DrainRule(Func<long> mostQueued)
{
    private long _stepped;
    private long _emptied;
    private bool _isCongested;
    private long _looksBefore;
    private long _markLooks = -1;
    private DrainMark _mark;

    /// <summary>Looks whose socket is drained, after <see cref="BatchEnd.Drained"/>.</summary>
    public long DrainedLooks { get; private set; }

    /// <summary>A receive is about to begin.</summary>
    /// <param name="endedLooks">Looks that have ended.</param>
    public void BeginBatch(long endedLooks) => _looksBefore = endedLooks;

    /// <summary>A datagram is stepped, or refused.</summary>
    public void Step() => _stepped++;

    /// <summary>The batch is stepped.</summary>
    /// <param name="sawEmpty">Whether the receive found fewer datagrams than it asked for.</param>
    /// <param name="overrun">
    /// Whether it said that the kernel has dropped some (ENOBUFS). After that come the datagrams that were queued before, and until the queue is empty the
    /// kernel drops every new one (NETLINK_S_CONGESTED): only then is the number of the lost final, and only a scan from then on sees all.
    /// </param>
    /// <param name="needsDrain">Whether anybody wants to know.</param>
    /// <param name="endedLooks">Looks that have ended by now.</param>
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

    /// <summary>A place in the stream of datagrams: everything that is queued now.</summary>
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
/// <param name="Stepped">How many datagrams will have been stepped when it is past.</param>
/// <param name="WasEmpty">True if nothing was queued.</param>
public readonly record struct DrainMark(long Emptied, long Stepped, bool WasEmpty);
