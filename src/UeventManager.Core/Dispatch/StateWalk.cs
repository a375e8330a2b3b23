using UeventManager.Core.Ordering;

namespace UeventManager.Core.Dispatch;

/// <summary>Reads devices in pieces as of one moment, whatever happens to them meanwhile. The caller must end it.</summary>
public sealed class StateWalk
{
    // The cost of encoding a device, in steps of a filter.
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

    /// <summary>The place in the stream of events at that moment.</summary>
    public Cursor Cursor { get; }

    /// <summary>True if too many changes came before it was read: it cannot continue.</summary>
    public bool IsLost { get; private set; }

    /// <summary>True if all devices have been read.</summary>
    public bool IsAtEnd => At >= Cut.Devices.Length;

    /// <summary>Called when the walk is lost, from within a step of the engine.</summary>
    public Action? Lost { get; set; }

    internal Cut Cut { get; }

    internal LinkedListNode<StateWalk>? Place { get; set; }

    /// <summary>The number of devices looked at.</summary>
    internal int At { get; set; }

    /// <summary>True if all readers as of this moment get the same pages.</summary>
    internal bool IsShared => _filter is null && !_unsettled;

    /// <summary>True if the last device was announced at that moment.</summary>
    internal bool WasAnnounced { get; private set; }

    /// <summary>Encodes a device; valid until any walk encodes the next one.</summary>
    internal ReadOnlySpan<byte> Encode(in DeviceView view) => _past.Encoder.Device(view);

    /// <summary>Starts from the beginning.</summary>
    public void Restart() => At = 0;

    /// <summary>Ends the walk.</summary>
    public void End() => _past.End(this);

    /// <summary>Goes on to the next selected device.</summary>
    /// <param name="steps">The steps left; reduced by the steps used.</param>
    /// <param name="device">The device; it may be removed by now.</param>
    /// <param name="view">The device at that moment.</param>
    /// <returns>False at the end, or if the steps are used up.</returns>
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

    /// <summary>Whether a device was announced and selected at that moment.</summary>
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

    // A waiting device is shown as it is now, because no event reports its changes; if it was announced meanwhile, its add reports everything.
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
