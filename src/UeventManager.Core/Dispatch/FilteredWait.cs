using System.Collections;
using UeventManager.Core.Ordering;

namespace UeventManager.Core.Dispatch;

/// <summary>Waits until a number of devices of a filter are settled, or until none of them is left.</summary>
/// <param name="filter">The devices.</param>
/// <param name="count">The number; unused with <paramref name="untilRemoved"/>.</param>
/// <param name="untilRemoved">True to wait until the devices are removed.</param>
/// <param name="deadlineUsec">The deadline, in CLOCK_MONOTONIC microseconds.</param>
public sealed class FilteredWait(DeviceFilter filter, int count, bool untilRemoved, long deadlineUsec) : DeviceWait(untilRemoved, deadlineUsec)
{
    /// <summary>The most devices in one answer, and the largest count.</summary>
    public const int MaxDevices = 4096;

    // The most steps for the list of missing conditions.
    private const int MissingSteps = 4096;

    // By Device.Index: settled devices of the filter; in a wait for removal also devices that are not announced.
    private readonly BitArray _found = new(64);
    private int _count;
    private Device[] _scanned = [];
    private int _scannedTo;

    /// <summary>The cost of a device (<see cref="DeviceFilter.Steps"/>).</summary>
    internal int Steps { get; } = filter.Steps;

    /// <summary>Its place in the list of waits.</summary>
    internal int Place { get; set; }

    /// <summary>Number of the next change to look at.</summary>
    internal long Next { get; set; }

    /// <summary>The version of the tree when the scan of all devices began.</summary>
    internal long ScannedVersion { get; private set; }

    /// <summary>How often it has scanned all devices again to make sure that none is left.</summary>
    internal int Doubts { get; set; }

    /// <summary>True while it scans all devices.</summary>
    internal bool IsScanning => _scannedTo < _scanned.Length;

    /// <summary>True if enough devices are settled.</summary>
    internal bool IsReached => !UntilRemoved && _count >= count;

    /// <summary>True if no device is left.</summary>
    internal bool IsNoneLeft => _count == 0;

    /// <summary>Updates the state of a device that was added, changed or removed.</summary>
    internal void Take(Device device)
    {
        try
        {
            Set(device.Index, device.InTree && IsCounted(device) && filter.Wants(DeviceView.OfKnown(device)));
        }
        catch (Exception e) when (Failed is not null)
        {
            Failed(e);
        }
    }

    /// <summary>Begins to scan all devices.</summary>
    internal void BeginScan(DeviceTree devices)
    {
        _found.SetAll(false);
        (_count, _scanned, _scannedTo, ScannedVersion) = (0, devices.Snapshot(), 0, devices.Version);
    }

    /// <summary>Scans the next device. A device that was removed meanwhile has a change that reports it.</summary>
    internal void ScanNext()
    {
        var device = _scanned[_scannedTo++];
        if (device.InTree)
            Take(device);
        if (!IsScanning)
            (_scanned, _scannedTo) = ([], 0);
    }

    /// <summary>The devices found, at most <see cref="MaxDevices"/>.</summary>
    internal List<Device> Found(DeviceTree devices) => [.. devices.All().Where(Has).Take(MaxDevices)];

    /// <inheritdoc/>
    public override IReadOnlyList<string> Missing(DeviceTree devices)
    {
        if (UntilRemoved)
            return Limit(devices.All().Where(Has).Select(device => $"{device.DevPath}: still there"));
        var waiting = devices.All().Where(device => !IsSettled(device) && device.State != DeviceState.Dropped)
            .Take(Math.Max(MaxMissing, MissingSteps / Steps)).Where(device => filter.Wants(DeviceView.OfKnown(device)));
        return Limit(waiting.SelectMany(WhyNot).Prepend($"{_count} of {count} settled"));
    }

    private bool Has(Device device) => device.Index < _found.Length && _found[device.Index];

    private void Set(int index, bool value)
    {
        if (index >= _found.Length)
        {
            if (!value)
                return;
            _found.Length = Math.Max(index + 1, 2 * _found.Length);
        }
        if (_found[index] == value)
            return;
        _found[index] = value;
        _count += value ? 1 : -1;
    }

    private bool IsCounted(Device device) => UntilRemoved ? device.State != DeviceState.Dropped : IsSettled(device, SinceUsec);
}
