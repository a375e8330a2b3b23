using UeventManager.Core.Snapshots;

namespace UeventManager.Core.Dispatch;

/// <content>How cursors outlive an orderly restart.</content>
public sealed partial class Publisher
{
    /// <summary>True if what is published is whole: before the first state is known, and after a loss, there is nothing to hand over.</summary>
    public bool CanSave => IsOpen && !_isLost && _parts.Count == 0;

    /// <summary>Writes the events kept and where the cursors stand.</summary>
    public void Save(SnapshotWriter to)
    {
        to.Number((long)_epoch);
        to.Number(_lostBefore);
        to.Flag(_isInterrupted);
        to.Number(_isInterrupted ? 0 : _wholeSinceUsec);
        to.Flag(_notWhole == Overrun);
        to.Number(_timedFrom);
        Ring.Save(to);
    }

    /// <summary>Goes on where another run ended: its cursors are this one's. Open from now on.</summary>
    /// <exception cref="SnapshotException">It is broken; this publisher is of no use any more.</exception>
    public void Restore(SnapshotReader from)
    {
        _epoch = (ulong)from.Number();
        _lostBefore = from.Count();
        _isInterrupted = from.Flag();
        _wholeSinceUsec = from.Time();
        if (_isInterrupted)
            _wholeSinceUsec = long.MaxValue;
        _notWhole = from.Flag() ? Overrun : Restarted;
        _timedFrom = from.Count();
        Ring.Restore(from);
        if (_lostBefore > Ring.Next || _timedFrom > Ring.Next)
            throw new SnapshotException("what was lost is of the future");
        _interrupted = _epoch;
        IsOpen = true;
    }

    /// <summary>
    /// Says, after <see cref="Restore"/>, that between the two runs events may have been missed: every cursor from before gets a gap. Who has no
    /// state gets what is kept behind it, too.
    /// </summary>
    /// <param name="epoch">Random; tells the cursors from now on from those before.</param>
    public void Interrupt(ulong epoch) => (_interrupted, _epoch, _isInterrupted, _wholeSinceUsec, _notWhole) = (_epoch, epoch, true, long.MaxValue, Restarted);
}
