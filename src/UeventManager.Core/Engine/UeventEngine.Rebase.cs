using UeventManager.Core.Ordering;
using UeventManager.Core.Snapshots;

namespace UeventManager.Core.Engine;

// The beginning of a recording of a running engine: both the engine and its replay continue from the state that a hand-over contains.
public sealed partial class UeventEngine
{
    private bool _isRebasing;

    /// <summary>
    /// Forgets what a hand-over does not contain (looks under way, decisions that are not released) and continues from the handed-over state, as
    /// after a restart; devices stay the same objects with the same ids. <see cref="Resume"/> must follow. Allowed only between two steps and while
    /// the engine does not reconcile; the edge must give up the looks that it is answering.
    /// </summary>
    /// <param name="nowUsec">Now.</param>
    /// <returns>The input of <see cref="RestoreBase"/>, which puts another engine with the same rules in the same state.</returns>
    /// <exception cref="SnapshotException">The state cannot be handed over; nothing was changed.</exception>
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
        // Test the state on a new engine first: a state that is refused would leave this engine half restored.
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

    /// <summary>
    /// Puts this engine in the state from which another one continued at its <see cref="Rebase"/>. Only for an engine without any device.
    /// </summary>
    /// <param name="state">The return value of <see cref="Rebase"/>.</param>
    /// <param name="nowUsec">The time of that call.</param>
    /// <exception cref="SnapshotException">The state is broken; this engine must not be used any more.</exception>
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
        // Ids go on, so that an old answer or scan is not taken for a new one.
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
