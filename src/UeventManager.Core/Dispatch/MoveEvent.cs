using UeventManager.Core.Uevents;

namespace UeventManager.Core.Dispatch;

/// <summary>
/// A move with the devices that it carries, for subscriptions with a filter. A subscriber that gets a move renames every device that it knows below.
/// So for each known device it gets either the device's own move or an ancestor's; a device that leaves the filter is removed at the place where the
/// subscriber knows it, and a device that enters is added. Live delivery and replay use the same code and text.
/// </summary>
internal sealed class MoveEvent
{
    private readonly List<MovedDevice> _devices = [];

    /// <summary>Reads the move from an entry of the ring.</summary>
    /// <param name="text">The move.</param>
    /// <param name="notes">The move's notes.</param>
    public MoveEvent(ReadOnlySpan<byte> text, in EventNotes notes)
    {
        _devices.Add(new MovedDevice(text, notes));
        HasTooMany = notes.HasTooMany;
        var below = new EventNotes(notes.Below);
        while (!below.IsAtEnd)
        {
            below.MoveNext();
            var own = below;
            _devices.Add(new MovedDevice(below.Block(), own));
        }
    }

    /// <summary>The moved device itself, then the carried devices, each after its ancestors.</summary>
    public IReadOnlyList<MovedDevice> Devices => _devices;

    /// <summary>True if there were too many carried devices to store.</summary>
    public bool HasTooMany { get; }

    /// <summary>True if the device moved to another directory; false for a plain rename.</summary>
    public bool IsBelowAnother => !Directory(_devices[0].OldPath).SequenceEqual(Directory(_devices[0].Path));

    private static ReadOnlySpan<byte> Directory(ReadOnlySpan<byte> path) => path[..(path.LastIndexOf((byte)'/') + 1)];

    /// <summary>Writes the subscriber's events; <see cref="MovedDevice.WasMember"/> must be set before.</summary>
    /// <param name="filter">The subscriber's filter.</param>
    /// <param name="follows">False for a subscriber without a state, for which devices do not enter or leave.</param>
    /// <param name="output">Receives the events.</param>
    /// <returns>True if the output is exactly the move itself.</returns>
    public bool Write(DeviceFilter filter, bool follows, ByteBuffer output)
    {
        MovedDevice? top = null;
        foreach (var device in _devices)
        {
            device.IsMember = device.IsWanted(filter);
            device.IsCarried = top is not null && DevPaths.IsBelow(device.OldPath, top.OldPath);
            device.Told = ToldOf(device, follows);
            if (device.Told is { } action && !device.IsWantedAs(filter, action))
                device.Told = null;
            if (device.Told == UeventAction.Move)
                top = device;
        }
        // Parents are added before their descendants, and removed after them.
        var (others, isTold) = (0, false);
        foreach (var device in _devices)
        {
            if (device.Told is UeventAction.Move or UeventAction.Add)
                Write(device, output, ref others, ref isTold);
        }
        for (var i = _devices.Count - 1; i >= 0; i--)
        {
            if (_devices[i].Told == UeventAction.Remove)
                Write(_devices[i], output, ref others, ref isTold);
        }
        return isTold && others == 0;
    }

    private static UeventAction? ToldOf(MovedDevice device, bool follows)
    {
        var was = follows ? device.WasMember : device.IsMember;
        return (was, device.IsMember) switch
        {
            (true, true) => device.IsCarried ? null : UeventAction.Move,
            (true, false) => UeventAction.Remove,
            (false, true) => UeventAction.Add,
            _ => null,
        };
    }

    private void Write(MovedDevice device, ByteBuffer output, ref int others, ref bool isTold)
    {
        device.Write(output);
        if (device == _devices[0] && device.Told == UeventAction.Move)
            isTold = true;
        else
            others++;
    }
}
