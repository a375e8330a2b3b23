using UeventManager.Core.Ordering;

namespace UeventManager.Core.Dispatch;

/// <summary>A moment as of which devices are read.</summary>
/// <param name="number">Grows from cut to cut.</param>
/// <param name="devices">The devices at that moment, in order; shared, never changed.</param>
/// <param name="lastId">The greatest device id at that moment.</param>
internal sealed class Cut(long number, Device[] devices, long lastId)
{
    /// <summary>Grows from cut to cut.</summary>
    public long Number { get; } = number;

    /// <summary>The devices at that moment.</summary>
    public Device[] Devices { get; } = devices;

    /// <summary>The greatest device id at that moment: devices with greater ids came later.</summary>
    public long LastId { get; } = lastId;
}

/// <summary>
/// Lets clients read devices in pieces as of one moment. A device is copied only if it changes before it was read, and only once for all readers of
/// that moment. <see cref="MaxBytes"/> bounds the copies; beyond it the readers with the oldest moment lose theirs.
/// </summary>
/// <param name="devices">The known devices.</param>
internal sealed class PastDevices(DeviceTree devices)
{
    /// <summary>The most bytes of copies.</summary>
    public const long MaxBytes = 16 * 1024 * 1024;

    private readonly LinkedList<StateWalk> _walks = new();
    private readonly Dictionary<long, PastDevice> _newest = [];
    private readonly Queue<PastDevice> _inOrder = new();
    private readonly Dictionary<Device[], int> _lists = new(ReferenceEqualityComparer.Instance);
    private Cut? _last;
    private long _version;
    private long _cuts;

    /// <summary>The encoder for all readers.</summary>
    public EventEncoder Encoder { get; } = new();

    /// <summary>The present bytes of copies.</summary>
    public long Bytes { get; private set; }

    /// <summary>The readers, those with the oldest moment first.</summary>
    public IReadOnlyCollection<StateWalk> Walks => _walks;

    /// <summary>Begins to read as of now. Only between two steps of the engine: then the known devices are those that were delivered.</summary>
    /// <param name="filter">Selects devices; null for all.</param>
    /// <param name="unsettled">True to include waiting devices, as they are when they are read.</param>
    /// <param name="cursor">The present place in the stream of events.</param>
    public StateWalk Begin(DeviceFilter? filter, bool unsettled, Cursor cursor)
    {
        // While nothing changes, the last cut is reused.
        if (_last is null || _version != devices.Version)
            (_last, _version) = (new Cut(++_cuts, devices.Snapshot(), devices.LastId), devices.Version);
        return Begin(_last, filter, unsettled, cursor);
    }

    /// <summary>Begins to read some devices as they are now.</summary>
    /// <param name="some">The devices, in order.</param>
    /// <param name="cursor">The present place in the stream of events.</param>
    public StateWalk Begin(Device[] some, Cursor cursor)
    {
        // Cut numbers grow, so the last cut is not used again.
        _last = null;
        return Begin(new Cut(++_cuts, some, devices.LastId), null, false, cursor);
    }

    /// <summary>Ends a reader.</summary>
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

    /// <summary>The copy of a device as of a cut; null if the device has not changed since.</summary>
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

    // Copies are forgotten oldest first, so this device has no older one.
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
