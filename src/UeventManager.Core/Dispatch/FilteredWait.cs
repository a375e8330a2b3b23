using UeventManager.Core.Ordering;

namespace UeventManager.Core.Dispatch;

/// <summary>Waits until so many devices that a filter wants are settled, or until none of them is left.</summary>
/// <param name="filter">Which devices.</param>
/// <param name="count">How many; not for a wait until they are gone.</param>
/// <param name="untilRemoved">True to wait until they are gone.</param>
/// <param name="deadlineUsec">When the time is over, CLOCK_MONOTONIC microseconds.</param>
public sealed class FilteredWait(DeviceFilter filter, int count, bool untilRemoved, long deadlineUsec) : DeviceWait(untilRemoved, deadlineUsec)
{
    /// <summary>Most devices that one answer lists, and the largest count.</summary>
    public const int MaxDevices = 4096;

    // Settled ones that the filter wants; while it waits for a removal those too that are not announced.
    private readonly Dictionary<long, Device> _found = [];

    /// <summary>Takes note of a device that has come, changed or gone.</summary>
    internal void Take(Device device)
    {
        if (device.InTree && IsCounted(device) && filter.Wants(DeviceView.OfKnown(device)))
            _found[device.Id] = device;
        else
            _found.Remove(device.Id);
    }

    /// <summary>Looks at all devices.</summary>
    internal void Scan(DeviceTree devices)
    {
        _found.Clear();
        foreach (var device in devices.All())
            Take(device);
    }

    internal override IReadOnlyList<Device>? Check(DeviceTree devices)
    {
        if (!UntilRemoved)
            return _found.Count >= count ? [.. _found.Values.Take(MaxDevices)] : null;
        // One that came meanwhile and still waits was not counted.
        if (_found.Count == 0)
            Scan(devices);
        return _found.Count == 0 ? [] : null;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Missing(DeviceTree devices)
    {
        if (UntilRemoved)
            return Limit(_found.Values.Select(device => $"{device.DevPath}: still there"));
        var waiting = devices.All().Where(device => !IsSettled(device) && device.State != DeviceState.Dropped && filter.Wants(DeviceView.OfKnown(device)));
        return Limit(waiting.SelectMany(WhyNot).Prepend($"{_found.Count} of {count} settled"));
    }

    private bool IsCounted(Device device) => UntilRemoved ? device.State != DeviceState.Dropped : IsSettled(device);
}
