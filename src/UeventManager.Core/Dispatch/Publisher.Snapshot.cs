using UeventManager.Core.Snapshots;

namespace UeventManager.Core.Dispatch;

/// <content>The hand-over by which cursors outlive an orderly restart.</content>
public sealed partial class Publisher
{
    /// <summary>True if the published events are complete: before the first state, and after a loss, nothing can be handed over.</summary>
    public bool CanSave => IsOpen && !_isLost && _parts.Count == 0;

    /// <summary>Writes the stored events and the state of cursors.</summary>
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

    /// <summary>Continues another run with its cursors, and opens the publisher.</summary>
    /// <exception cref="SnapshotException">The snapshot is broken; this publisher must not be used any more.</exception>
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
            throw new SnapshotException("a loss is dated in the future");
        _interrupted = _epoch;
        IsOpen = true;
    }

    /// <summary>
    /// Called after <see cref="Restore"/> if events may have been missed between the two runs: every older cursor gets a gap. A subscriber without a
    /// state also gets the stored events after the gap.
    /// </summary>
    /// <param name="epoch">A random number that distinguishes new cursors from older ones.</param>
    public void Interrupt(ulong epoch) => (_interrupted, _epoch, _isInterrupted, _wholeSinceUsec, _notWhole) = (_epoch, epoch, true, long.MaxValue, Restarted);
}
