using UeventManager.Core.Ordering;

namespace UeventManager.Core.Dispatch;

/// <summary>Reads devices in pieces as they were at one moment, whatever happens to them meanwhile. To be ended.</summary>
public sealed class StateWalk
{
    // What encoding a device costs, in the steps of a filter.
    private const int EncodeSteps = 8;

    private readonly PastDevices _past;
    private readonly DeviceFilter? _filter;
    private readonly bool _unsettled;
    private readonly int _steps;

    internal StateWalk(PastDevices past, Cut cut, DeviceFilter? filter, bool unsettled, Cursor cursor)
    {
        (_past, Cut, _filter, _unsettled, Cursor) = (past, cut, filter, unsettled, cursor);
        _steps = filter?.Steps ?? 1;
    }

    /// <summary>Where the stream of events stands at that moment.</summary>
    public Cursor Cursor { get; }

    /// <summary>True if too much has changed before it was read: it cannot be read on.</summary>
    public bool IsLost { get; private set; }

    /// <summary>True if all devices have been read.</summary>
    public bool IsAtEnd => At >= Cut.Devices.Length;

    /// <summary>Called when it is lost, from within a step of the engine.</summary>
    public Action? Lost { get; set; }

    internal Cut Cut { get; }

    internal LinkedListNode<StateWalk>? Place { get; set; }

    /// <summary>How many devices have been looked at.</summary>
    internal int At { get; set; }

    /// <summary>True if it is what everybody reads at this moment.</summary>
    internal bool IsShared => _filter is null && !_unsettled;

    /// <summary>True if subscribers knew the device that it came to last: it did not wait.</summary>
    internal bool WasAnnounced { get; private set; }

    /// <summary>Encodes a device; valid until anybody's next.</summary>
    internal ReadOnlySpan<byte> Encode(in DeviceView view) => _past.Encoder.Device(view);

    /// <summary>Reads on from the beginning.</summary>
    public void Restart() => At = 0;

    /// <summary>Reads no further.</summary>
    public void End() => _past.End(this);

    /// <summary>Goes on to the next device that is wanted.</summary>
    /// <param name="steps">What it may cost; what it has cost is taken off.</param>
    /// <param name="device">The device; it may have gone meanwhile.</param>
    /// <param name="view">How it was.</param>
    /// <returns>False if there is none, or the steps are used up.</returns>
    internal bool TryNext(ref int steps, out Device device, out DeviceView view)
    {
        while (!IsAtEnd && steps > 0)
        {
            steps -= _steps;
            device = Cut.Devices[At++];
            if (!IsKnown(device, out view) || _filter?.Wants(view) is false)
                continue;
            steps -= EncodeSteps;
            return true;
        }
        device = null!;
        view = default;
        return false;
    }

    /// <summary>Whether a device was announced and wanted.</summary>
    internal bool HasWanted(Device device)
    {
        if (device.Id > Cut.LastId)
            return false;
        var past = _past.At(Cut, device);
        if (past is { IsAnnounced: false } || (past is null && device is not { InTree: true, State: DeviceState.Announced }))
            return false;
        return _filter?.Wants(past is null ? DeviceView.OfAnnounced(device) : past.View) != false;
    }

    internal void Lose()
    {
        IsLost = true;
        Lost?.Invoke();
    }

    private DeviceView OfAnnounced(Device device) =>
        _unsettled && device.HasUnfinishedChange ? DeviceView.OfUnfinished(device) : DeviceView.OfAnnounced(device);

    // What waited is told as it is now, since no event says what changes of it; if it was announced meanwhile, its add says all.
    private bool IsKnown(Device device, out DeviceView view)
    {
        var past = _past.At(Cut, device);
        var waits = _unsettled && device is { InTree: true, State: DeviceState.Waiting or DeviceState.Held } && past is not { IsAnnounced: true };
        WasAnnounced = !waits;
        view = past is { IsAnnounced: true } ? past.View
            : waits ? DeviceView.OfWaiting(device)
            : past is null && device is { InTree: true, State: DeviceState.Announced } ? OfAnnounced(device)
            : default;
        return !view.Path.IsEmpty;
    }
}
