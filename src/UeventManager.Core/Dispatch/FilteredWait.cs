using System.Collections;
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

    // Steps that it may cost to say what is missing.
    private const int MissingSteps = 4096;

    // By Device.Index: settled ones that the filter wants; while it waits for a removal those too that are not announced.
    private readonly BitArray _found = new(64);
    private int _count;
    private Device[] _scanned = [];
    private int _scannedTo;

    /// <summary>What it costs to look at a device (<see cref="DeviceFilter.Steps"/>).</summary>
    internal int Steps { get; } = filter.Steps;

    /// <summary>Its place among the others.</summary>
    internal int Place { get; set; }

    /// <summary>Number of the next change that it has to look at.</summary>
    internal long Next { get; set; }

    /// <summary>The state of the tree at which it began to look at all devices.</summary>
    internal long ScannedVersion { get; private set; }

    /// <summary>How often it has done so to be sure that none is left.</summary>
    internal int Doubts { get; set; }

    /// <summary>True while it has not looked at all devices.</summary>
    internal bool IsScanning => _scannedTo < _scanned.Length;

    /// <summary>True if so many are settled.</summary>
    internal bool IsReached => !UntilRemoved && _count >= count;

    /// <summary>True if it has found none.</summary>
    internal bool IsNoneLeft => _count == 0;

    /// <summary>Takes note of a device that has come, changed or gone.</summary>
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

    /// <summary>Begins to look at all devices.</summary>
    internal void BeginScan(DeviceTree devices)
    {
        _found.SetAll(false);
        (_count, _scanned, _scannedTo, ScannedVersion) = (0, devices.Snapshot(), 0, devices.Version);
    }

    /// <summary>Looks at the next of all devices. One that has gone meanwhile has a change that says so.</summary>
    internal void ScanNext()
    {
        var device = _scanned[_scannedTo++];
        if (device.InTree)
            Take(device);
        if (!IsScanning)
            (_scanned, _scannedTo) = ([], 0);
    }

    /// <summary>The devices that it has found, as many as an answer lists.</summary>
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

    private bool IsCounted(Device device) => UntilRemoved ? device.State != DeviceState.Dropped : IsSettled(device);
}
