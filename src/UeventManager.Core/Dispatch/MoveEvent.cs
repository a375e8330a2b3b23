using UeventManager.Core.Uevents;

namespace UeventManager.Core.Dispatch;

/// <summary>
/// A move, and the devices below that it carries: what a subscription with a filter is told of it. A subscriber that gets a move renames everything that it knows
/// below. So of each known device it is told either that the device moved, or that something above it did; what has left the filter
/// is removed where the subscriber knows it, and what has entered is added. The code and the text are the same live and in a replay.
/// </summary>
internal sealed class MoveEvent
{
    private readonly List<MovedDevice> _devices = [];

    /// <summary>Reads it from an entry of the ring.</summary>
    /// <param name="text">The move.</param>
    /// <param name="notes">The notes of it.</param>
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

    /// <summary>The device itself, then those below: each right behind what is above it.</summary>
    public IReadOnlyList<MovedDevice> Devices => _devices;

    /// <summary>True if the devices below are not known: too many of them.</summary>
    public bool HasTooMany { get; }

    /// <summary>True if the device came below another directory; else it was renamed.</summary>
    public bool IsBelowAnother => !Directory(_devices[0].OldPath).SequenceEqual(Directory(_devices[0].Path));

    private static ReadOnlySpan<byte> Directory(ReadOnlySpan<byte> path) => path[..(path.LastIndexOf((byte)'/') + 1)];

    /// <summary>Writes what the subscriber is told, once <see cref="MovedDevice.WasMember"/> is set.</summary>
    /// <param name="filter">What it wants.</param>
    /// <param name="follows">False if nothing enters or leaves for it.</param>
    /// <param name="output">Where to.</param>
    /// <returns>True if that is the move as it is, and nothing else.</returns>
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
        // Parents come before what is below them, and go behind it.
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
