using UeventManager.Core.Ordering;
using UeventManager.Core.Snapshots;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Stale;

/// <summary>
/// Which event has emptied which devpath, and where a rename led. uevent_seqnum is taken before the broadcast and is not serialised with it, and
/// kobject_uevent_env() takes the path before the number: so events overtake each other, and name places that are empty since.
/// </summary>
/// <param name="tree">The devices.</param>
internal sealed class DepartedPaths(DeviceTree tree)
{
    /// <summary>Devpaths that are remembered; beyond it the oldest are forgotten.</summary>
    public const int MaxRemembered = 1024;

    private const int MostHops = 16;

    private readonly Dictionary<byte[], Departure> _departed = new(new PathComparer());
    private readonly Queue<(byte[] Path, long Seqnum)> _order = new();

    /// <summary>True if nothing is remembered.</summary>
    public bool IsEmpty => _departed.Count == 0;

    /// <summary>An event has emptied a place.</summary>
    /// <param name="path">The place.</param>
    /// <param name="seqnum">The event's SEQNUM; one of ours has none and is not remembered.</param>
    /// <param name="to">Where the device has moved, or null if it was removed.</param>
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

    /// <summary>What has emptied a place; SEQNUM 0 if nothing is remembered.</summary>
    public Departure Find(byte[] path) => _departed.GetValueOrDefault(path);

    /// <summary>
    /// Whether an event is older than the add of the device that is there now, or than what has emptied the place: its own remove or rename, or the remove
    /// of what was above it.
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
    /// Where the device that stood at a path, or below a place, is now that a rename has emptied it; null if no rename has, or a device stands there again that
    /// was added before the event.
    /// </summary>
    /// <param name="path">The path.</param>
    /// <param name="seqnum">The event's SEQNUM.</param>
    /// <param name="isOlder">True if the event is older than each rename that was followed.</param>
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
                // What is newer than the event has certainly moved it. Of the others the nearest counts: its name may have been taken again since.
                if (departed.TryGetValue(above, out var one) && one.To is { Length: > 0 } && (length == 0 || seqnum < one.Seqnum))
                    (length, left, older) = (above.Length, one, seqnum < one.Seqnum);
            }
            // A new device takes a name that another has left: only what is older is the other's.
            if (length == 0 || (!older && length == at.Length))
                return now;
            isOlder &= older;
            now = [.. left.To!, .. at[length..]];
        }
        return null;
    }

    /// <summary>Events were lost: what was lost may have been a device at a place that a rename had emptied.</summary>
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

    /// <summary>Goes on with what another run has remembered.</summary>
    /// <exception cref="SnapshotException">It is broken.</exception>
    public void Restore(SnapshotReader from)
    {
        for (var i = from.Number(0, 2 * MaxRemembered); i > 0; i--)
        {
            var path = Restored.Path(from).ToArray();
            var seqnum = from.Count();
            var renamed = from.Flag();
            var goneTo = Restored.PathOrNone(from);
            // After a loss of events nobody knows where what was renamed is now.
            if (!renamed && !goneTo.IsEmpty)
                throw new SnapshotException("what was removed has gone somewhere");
            // A rename is followed: what is not a device's place must not become one.
            if (!DevPaths.IsBelowDevices(path) || !(goneTo.IsEmpty || DevPaths.IsBelowDevices(goneTo)))
                throw new SnapshotException("what was removed or renamed is not a device");
            Remember(path, seqnum, renamed ? goneTo.ToArray() : null);
        }
    }
}

/// <summary>What has emptied a place.</summary>
/// <param name="Seqnum">SEQNUM of the event.</param>
/// <param name="To">Where the device has moved: null if it was removed, empty if nobody knows any more.</param>
internal readonly record struct Departure(long Seqnum, byte[]? To)
{
    /// <summary>It was a rename.</summary>
    public bool Renamed => To is not null;
}
