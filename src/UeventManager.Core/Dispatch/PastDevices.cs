using UeventManager.Core.Ordering;

namespace UeventManager.Core.Dispatch;

/// <summary>One moment at which devices are read.</summary>
/// <param name="number">Grows from one to the next.</param>
/// <param name="devices">Those that there were, in their order; shared and not changed.</param>
/// <param name="lastId">The greatest id of them.</param>
internal sealed class Cut(long number, Device[] devices, long lastId)
{
    /// <summary>Grows from one to the next.</summary>
    public long Number { get; } = number;

    /// <summary>The devices that there were.</summary>
    public Device[] Devices { get; } = devices;

    /// <summary>The greatest id of them: any other device came later.</summary>
    public long LastId { get; } = lastId;
}

/// <summary>
/// Lets devices be read in pieces as they were at one moment. Nothing is copied for that but what changes before it was read: then it is kept once,
/// for all readers at that moment. What is kept is bounded by <see cref="MaxBytes"/>; beyond it the readers with the oldest moment lose it.
/// </summary>
/// <param name="devices">The known devices.</param>
internal sealed class PastDevices(DeviceTree devices)
{
    /// <summary>Most bytes that are kept for readers.</summary>
    public const long MaxBytes = 16 * 1024 * 1024;

    private readonly LinkedList<StateWalk> _walks = new();
    private readonly Dictionary<long, PastDevice> _newest = [];
    private readonly Queue<PastDevice> _inOrder = new();
    private readonly Dictionary<Device[], int> _lists = new(ReferenceEqualityComparer.Instance);
    private Cut? _last;
    private long _version;
    private long _cuts;

    /// <summary>Encodes for all of them.</summary>
    public EventEncoder Encoder { get; } = new();

    /// <summary>Bytes kept now.</summary>
    public long Bytes { get; private set; }

    /// <summary>The readers, the one with the oldest moment first.</summary>
    public IReadOnlyCollection<StateWalk> Walks => _walks;

    /// <summary>Begins to read at this moment. Between two steps of the engine only: then the known devices are those that were told.</summary>
    /// <param name="filter">Which devices; null for all.</param>
    /// <param name="unsettled">True for those too that wait, as they are when they are read.</param>
    /// <param name="cursor">Where the stream of events stands.</param>
    public StateWalk Begin(DeviceFilter? filter, bool unsettled, Cursor cursor)
    {
        // As long as nothing has changed it is the same moment.
        if (_last is null || _version != devices.Version)
            (_last, _version) = (new Cut(++_cuts, devices.Snapshot(), devices.LastId), devices.Version);
        return Begin(_last, filter, unsettled, cursor);
    }

    /// <summary>Begins to read some devices as they are now.</summary>
    /// <param name="some">Which, in which order.</param>
    /// <param name="cursor">Where the stream of events stands.</param>
    public StateWalk Begin(Device[] some, Cursor cursor)
    {
        // Numbers grow: nobody begins at an earlier one any more.
        _last = null;
        return Begin(new Cut(++_cuts, some, devices.LastId), null, false, cursor);
    }

    /// <summary>Nobody reads on.</summary>
    public void End(StateWalk walk)
    {
        if (walk.Place is not { } place)
            return;
        walk.Place = null;
        _walks.Remove(place);
        Release(walk.Cut.Devices);
        var oldest = _walks.First?.Value.Cut.Number ?? long.MaxValue;
        while (_inOrder.TryPeek(out var past) && past.Until < oldest)
            Forget(_inOrder.Dequeue());
        if (_walks.Count == 0)
            (devices.Changing, _last) = (null, null);
    }

    /// <summary>What a device was at a cut; null if it has not changed since.</summary>
    public PastDevice? At(Cut cut, Device device)
    {
        var past = _newest.GetValueOrDefault(device.Id);
        if (past is null || past.Until < cut.Number)
            return null;
        while (past.Older is { } older && older.Until >= cut.Number)
            past = older;
        return past;
    }

    private StateWalk Begin(Cut cut, DeviceFilter? filter, bool unsettled, Cursor cursor)
    {
        var walk = new StateWalk(this, cut, filter, unsettled, cursor);
        walk.Place = _walks.AddLast(walk);
        devices.Changing = Keep;
        Hold(cut.Devices);
        Bound();
        return walk;
    }

    private void Keep(Device device)
    {
        var newest = _walks.Last!.Value.Cut;
        _last = null;
        if (device.Id > newest.LastId)
            return;
        var before = _newest.GetValueOrDefault(device.Id);
        if (before?.Until == newest.Number)
            return;
        var past = new PastDevice(device, newest.Number) { Older = before };
        if (before is not null)
            before.Newer = past;
        _newest[device.Id] = past;
        _inOrder.Enqueue(past);
        Bytes += past.Size;
        Bound();
    }

    // The oldest of all: nothing is older of its device.
    private void Forget(PastDevice past)
    {
        Bytes -= past.Size;
        if (past.Newer is { } newer)
            newer.Older = null;
        else
            _newest.Remove(past.Id);
    }

    private void Bound()
    {
        while (Bytes > MaxBytes && _walks.First is { Value: { } oldest })
        {
            End(oldest);
            oldest.Lose();
        }
    }

    private void Hold(Device[] list)
    {
        var holders = _lists.GetValueOrDefault(list);
        _lists[list] = holders + 1;
        if (holders == 0)
            Bytes += SizeOf(list);
    }

    private void Release(Device[] list)
    {
        if (--_lists[list] > 0)
            return;
        _lists.Remove(list);
        Bytes -= SizeOf(list);
    }

    private static long SizeOf(Device[] list) => 8L * list.Length;
}
