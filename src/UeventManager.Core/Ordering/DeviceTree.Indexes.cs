using UeventManager.Core.Snapshots;

namespace UeventManager.Core.Ordering;

// The indexes say what is still known of devices that are gone (DeviceColumn): an engine that is to decide the same needs the same indexes.
public sealed partial class DeviceTree
{
    private Queue<int>? _givenIndexes;

    /// <summary>Writes the devices' indexes, in the order of <see cref="All"/>, and those that are free.</summary>
    internal void SaveIndexes(SnapshotWriter to)
    {
        to.Number(Count);
        foreach (var device in All())
            to.Number(device.Index);
        to.Number(_nextIndex);
        to.Number(_freeIndexes.Count);
        foreach (var free in _freeIndexes.Reverse())
            to.Number(free);
    }

    /// <summary>Reads them: the devices that are added next, in that order, get them. Only where no device is known yet.</summary>
    /// <exception cref="SnapshotException">They are none.</exception>
    internal void RestoreIndexes(SnapshotReader from, int most)
    {
        var given = new Queue<int>();
        for (var i = from.Number(0, most); i > 0; i--)
            given.Enqueue(from.Number(0, most * 4));
        _nextIndex = from.Number(0, most * 4);
        for (var i = from.Number(0, most * 4); i > 0; i--)
            _freeIndexes.Push(from.Number(0, most * 4));
        var all = given.Concat(_freeIndexes).ToList();
        if (all.Count != _nextIndex || all.Distinct().Count() != all.Count || all.Exists(index => index >= _nextIndex))
            throw new SnapshotException("indexes are missing, or come twice");
        _givenIndexes = given;
    }

    /// <summary>Passes over them: the devices are there, and have theirs.</summary>
    internal static void SkipIndexes(SnapshotReader from, int most) => new DeviceTree().RestoreIndexes(from, most);

    /// <summary>All devices that had an index are there.</summary>
    /// <exception cref="SnapshotException">They are not.</exception>
    internal void EndRestoringIndexes()
    {
        if (_givenIndexes is not { Count: 0 })
            throw new SnapshotException("it has other devices than indexes");
        _givenIndexes = null;
    }
}
