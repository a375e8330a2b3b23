using UeventManager.Core.Snapshots;

namespace UeventManager.Core.Ordering;

// A removed device's values stay under its index (DeviceColumn), so an engine that must decide the same needs the same indexes.
public sealed partial class DeviceTree
{
    private Queue<int>? _givenIndexes;

    /// <summary>Writes the devices' indexes, in the order of <see cref="All"/>, and the free indexes.</summary>
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

    /// <summary>Reads the indexes: the devices that are added next get them in that order. Only for an empty tree.</summary>
    /// <exception cref="SnapshotException">The indexes are not valid.</exception>
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
            throw new SnapshotException("indexes are missing, or are used twice");
        _givenIndexes = given;
    }

    /// <summary>Skips the indexes: the devices exist and keep theirs.</summary>
    internal static void SkipIndexes(SnapshotReader from, int most) => new DeviceTree().RestoreIndexes(from, most);

    /// <summary>Ends <see cref="RestoreIndexes"/> once a device was added for each index.</summary>
    /// <exception cref="SnapshotException">Some indexes have no device.</exception>
    internal void EndRestoringIndexes()
    {
        if (_givenIndexes is not { Count: 0 })
            throw new SnapshotException("the number of devices is not the number of indexes");
        _givenIndexes = null;
    }
}
