using System.Collections.Immutable;

namespace UeventManager.Client;

/// <summary>A table during a change, with the differences so far.</summary>
internal sealed class TableDraft(ImmutableDictionary<string, UeventDevice> before)
{
    private readonly List<DeviceDifference> _differences = [];
    private ImmutableDictionary<string, UeventDevice>.Builder _devices = before.ToBuilder();

    /// <summary>The changed table.</summary>
    public ImmutableDictionary<string, UeventDevice> Devices => _devices.ToImmutable();

    /// <summary>The differences, in order.</summary>
    public IReadOnlyList<DeviceDifference> Differences => _differences;

    /// <summary>Replaces the table's devices.</summary>
    public void Replace(IReadOnlyList<UeventDevice> state)
    {
        _devices = ImmutableDictionary.CreateBuilder<string, UeventDevice>(StringComparer.Ordinal);
        foreach (UeventDevice device in state)
            _devices[device.DevPath] = device;
        // In descending order a path comes before the paths above it.
        foreach (UeventDevice gone in before.Values.Where(d => !_devices.ContainsKey(d.DevPath)).OrderByDescending(d => d.DevPath, StringComparer.Ordinal))
            _differences.Add(new DeviceDifference(DifferenceKind.Removed, gone, gone, null));
        foreach (UeventDevice device in state)
        {
            if (!before.TryGetValue(device.DevPath, out UeventDevice? known))
                _differences.Add(new DeviceDifference(DifferenceKind.Added, device, null, null));
            else if (!DeviceContent.IsSame(known, device))
                _differences.Add(new DeviceDifference(DifferenceKind.Changed, device, known, null));
        }
    }

    /// <summary>Applies events in order.</summary>
    public void Apply(IReadOnlyList<UeventEvent> events)
    {
        foreach (UeventEvent one in events)
        {
            if (one.Device.IsKobject)
                continue;
            if (one.OldDevPath is { } old && old != one.Device.DevPath && _devices.TryGetValue(old, out UeventDevice? moved))
                Move(moved, one);
            else if (one.Action == "remove")
                Remove(one);
            else
                Set(one);
        }
    }

    private void Set(UeventEvent one)
    {
        UeventDevice? known = _devices.GetValueOrDefault(one.Device.DevPath);
        _devices[one.Device.DevPath] = one.Device;
        _differences.Add(new DeviceDifference(known is null ? DifferenceKind.Added : DifferenceKind.Changed, one.Device, known, one));
    }

    private void Remove(UeventEvent one)
    {
        if (_devices.Remove(one.Device.DevPath, out UeventDevice? gone))
            _differences.Add(new DeviceDifference(DifferenceKind.Removed, one.Device, gone, one));
    }

    // The kernel reports only the device that moves, not its descendants: kobject_rename() and kobject_move() send one uevent.
    private void Move(UeventDevice moved, UeventEvent one)
    {
        string old = moved.DevPath, now = one.Device.DevPath;
        UeventDevice[] below = [.. _devices.Values.Where(d => DevicePlace.IsBelow(d.DevPath, old)).OrderBy(d => d.DevPath, StringComparer.Ordinal)];
        _devices.Remove(old);
        _devices[now] = one.Device;
        _differences.Add(new DeviceDifference(DifferenceKind.Moved, one.Device, moved, one));
        foreach (UeventDevice device in below)
        {
            UeventDevice other = device.Rebased(old, moved.RawDevPath, now, one.Device.RawDevPath);
            _devices.Remove(device.DevPath);
            _devices[other.DevPath] = other;
            _differences.Add(new DeviceDifference(DifferenceKind.Moved, other, device, null));
        }
    }
}
