using UeventManager.Core.Ordering;
using UeventManager.Core.Snapshots;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Stale;

/// <summary>
/// The devpaths that events have emptied, and the targets of renames. The kernel takes uevent_seqnum before it broadcasts, without serialising the
/// two, and kobject_uevent_env() reads the path before it takes the number: so events overtake each other and may carry paths that are already empty.
/// </summary>
/// <param name="tree">The devices.</param>
internal sealed class DepartedPaths(DeviceTree tree)
{
    /// <summary>The most devpaths that are remembered; the oldest are forgotten first.</summary>
    public const int MaxRemembered = 1024;

    private const int MostHops = 16;

    private readonly Dictionary<byte[], Departure> _departed = new(new PathComparer());
    private readonly Queue<(byte[] Path, long Seqnum)> _order = new();

    /// <summary>True if nothing is remembered.</summary>
    public bool IsEmpty => _departed.Count == 0;

    /// <summary>Notes that an event has emptied a path.</summary>
    /// <param name="path">The path.</param>
    /// <param name="seqnum">The event's SEQNUM; synthetic events have none and are not remembered.</param>
    /// <param name="to">The device's new path, or null if it was removed.</param>
    public void Remember(byte[] path, long seqnum, byte[]? to = null)
    {
        if (seqnum == 0)
            return;
        _departed[path] = new Departure(seqnum, to);
        _order.Enqueue((path, seqnum));
        if (_order.Count <= MaxRemembered)
            return;
        var (oldest, was) = _order.Dequeue();
        if (_departed.TryGetValue(oldest, out var now) && now.Seqnum == was)
            _departed.Remove(oldest);
    }

    /// <summary>The event that emptied a path; SEQNUM 0 if none is remembered.</summary>
    public Departure Find(byte[] path) => _departed.GetValueOrDefault(path);

    /// <summary>
    /// Whether an event is older than the add of the device that is there now, or than the event that emptied the path: the device's own remove or
    /// rename, or the remove of an ancestor.
    /// </summary>
    public bool IsStale(Device? device, in Uevent uevent)
    {
        if (device is not null || uevent.Seqnum == 0)
            return device is not null && uevent.Seqnum > 0 && uevent.Seqnum < device.AddSeqnum;
        if (uevent.Action == UeventAction.Remove || _departed.Count == 0)
            return false;
        var departed = _departed.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (departed.TryGetValue(uevent.DevPath, out var left) && uevent.Seqnum < left.Seqnum)
            return true;
        for (var above = DevPaths.Parent(uevent.DevPath); !above.IsEmpty; above = DevPaths.Parent(above))
        {
            if (departed.TryGetValue(above, out left) && !left.Renamed && uevent.Seqnum < left.Seqnum)
                return true;
        }
        return false;
    }

    /// <summary>
    /// The present place of the device that was at, or below, a path which a rename has emptied; null if there was no rename, or a device is there
    /// again that was added before the event.
    /// </summary>
    /// <param name="path">The path.</param>
    /// <param name="seqnum">The event's SEQNUM.</param>
    /// <param name="isOlder">True if the event is older than every rename that was followed.</param>
    public byte[]? PlaceNow(ReadOnlySpan<byte> path, long seqnum, out bool isOlder)
    {
        isOlder = true;
        byte[]? now = null;
        var departed = _departed.GetAlternateLookup<ReadOnlySpan<byte>>();
        for (var hop = 0; hop < MostHops; hop++)
        {
            var at = now ?? path;
            var (length, left, older) = (0, default(Departure), false);
            for (var above = at; !above.IsEmpty && !older; above = DevPaths.Parent(above))
            {
                if (tree.Find(above) is { } there && (there.AddSeqnum == 0 || there.AddSeqnum <= seqnum))
                    break;
                // A rename newer than the event has certainly moved the device. Of older renames the nearest one counts, because its name may have
                // been taken again since.
                if (departed.TryGetValue(above, out var one) && one.To is { Length: > 0 } && (length == 0 || seqnum < one.Seqnum))
                    (length, left, older) = (above.Length, one, seqnum < one.Seqnum);
            }
            // A new device takes a name that another one has left: only events older than the rename belong to the other one.
            if (length == 0 || (!older && length == at.Length))
                return now;
            isOlder &= older;
            now = [.. left.To!, .. at[length..]];
        }
        return null;
    }

    /// <summary>Forgets the targets of renames after a loss of events: the lost events may have brought another device to an emptied path.</summary>
    public void ForgetRenames()
    {
        foreach (var (path, left) in _departed.Where(one => one.Value.Renamed).ToList())
            _departed[path] = new Departure(left.Seqnum, []);
    }

    /// <summary>Writes everything for the next run.</summary>
    public void Save(SnapshotWriter to)
    {
        to.Number(_departed.Count);
        foreach (var (path, left) in _departed)
        {
            to.Bytes(path);
            to.Number(left.Seqnum);
            to.Flag(left.Renamed);
            to.Bytes(left.To);
        }
    }

    /// <summary>Restores the paths of another run.</summary>
    /// <exception cref="SnapshotException">The snapshot is broken.</exception>
    public void Restore(SnapshotReader from)
    {
        for (var i = from.Number(0, 2 * MaxRemembered); i > 0; i--)
        {
            var path = Restored.Path(from).ToArray();
            var seqnum = from.Count();
            var renamed = from.Flag();
            var goneTo = Restored.PathOrNone(from);
            // After a loss of events the target of a rename is unknown.
            if (!renamed && !goneTo.IsEmpty)
                throw new SnapshotException("a removed device has a new place");
            // Renames are followed, so every target must be a device's path.
            if (!DevPaths.IsBelowDevices(path) || !(goneTo.IsEmpty || DevPaths.IsBelowDevices(goneTo)))
                throw new SnapshotException("a removed or renamed path is not a device's");
            Remember(path, seqnum, renamed ? goneTo.ToArray() : null);
        }
    }
}

/// <summary>The event that emptied a path.</summary>
/// <param name="Seqnum">The event's SEQNUM.</param>
/// <param name="To">The device's new path: null if the device was removed, empty if the path is not known any more.</param>
internal readonly record struct Departure(long Seqnum, byte[]? To)
{
    /// <summary>True for a rename.</summary>
    public bool Renamed => To is not null;
}
