using UeventManager.Core.Ordering;
using UeventManager.Core.Snapshots;

namespace UeventManager.Core.Engine;

// How a recording of an engine begins that runs: it goes on from what it would hand over to another run, and so does the replay.
public sealed partial class UeventEngine
{
    private bool _isRebasing;

    /// <summary>
    /// Forgets what no hand-over has (looks under way, what was decided and not released) and goes on from what it would hand over, as after a restart; the
    /// devices stay the same objects with the same ids. To be followed by <see cref="Resume"/>. Not while it reconciles, and between two steps only: whoever
    /// answers looks gives up those that it has.
    /// </summary>
    /// <param name="nowUsec">Now.</param>
    /// <returns>What <see cref="RestoreBase"/> reads: another engine with the same rules is then in the same state.</returns>
    /// <exception cref="SnapshotException">It cannot be handed over; nothing was changed.</exception>
    public byte[] Rebase(long nowUsec)
    {
        if (!CanSave)
            throw new SnapshotException($"there are more than {MaxHandedOver} devices");
        var bytes = new MemoryStream();
        var writer = new SnapshotWriter(part => bytes.Write(part));
        writer.Clock(nowUsec, null);
        SaveBase(writer);
        writer.Flush();
        var state = bytes.ToArray();
        // What an engine does not believe would leave this one half restored.
        new UeventEngine(_rules).RestoreBase(state, nowUsec);
        var realtime = RealtimeUsec;
        Take(new Owners(_tree, Counters, Budget));
        _isRebasing = true;
        Restore(state, nowUsec);
        _isRebasing = false;
        _history.Reserve();
        _history.RealtimeUsec = realtime;
        return state;
    }

    /// <summary>Is in the state from now on in which another engine went on at a <see cref="Rebase"/>. Only for an engine that knows nothing yet.</summary>
    /// <param name="state">What that returned.</param>
    /// <param name="nowUsec">When that was.</param>
    /// <exception cref="SnapshotException">It is broken; this engine is of no use any more.</exception>
    public void RestoreBase(byte[] state, long nowUsec) => Restore(state, nowUsec);

    private void SaveBase(SnapshotWriter to)
    {
        to.Number(_settlement.LastLookId);
        to.Number(_reconciliation.Scan);
        to.Flag(_udev.IsListening);
        _tree.SaveIndexes(to);
        Save(to);
    }

    private void Restore(byte[] state, long nowUsec)
    {
        var from = new SnapshotReader(new MemoryStream(state).Read);
        _ = from.Clock(nowUsec, null);
        // Nobody may take an answer for that of another look, or a scan for another scan.
        _settlement.LastLookId = from.Count();
        _reconciliation.Scan = from.Count();
        var listens = from.Flag();
        if (_isRebasing)
            DeviceTree.SkipIndexes(from, MaxHandedOver);
        else
            _tree.RestoreIndexes(from, MaxHandedOver);
        Restore(from);
        from.End();
        if (!_isRebasing)
            _tree.EndRestoringIndexes();
        if (listens)
            _udev.Listen();
    }
}
