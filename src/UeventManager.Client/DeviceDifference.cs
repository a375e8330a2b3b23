namespace UeventManager.Client;

/// <summary>The kinds of differences in a <see cref="DeviceTable"/>.</summary>
public enum DifferenceKind
{
    /// <summary>The device is new.</summary>
    Added,

    /// <summary>An event changed the device, or a state differs from the known device.</summary>
    Changed,

    /// <summary>The device's devpath changed, by its own move or an ancestor's.</summary>
    Moved,

    /// <summary>The device was removed.</summary>
    Removed,
}

/// <summary>The difference of one device.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Device">The device now; a removed device as it was last.</param>
/// <param name="Before">The device before; null if it is new.</param>
/// <param name="Event">The event; null if a state or an ancestor's move made the difference.</param>
public sealed record DeviceDifference(DifferenceKind Kind, UeventDevice Device, UeventDevice? Before, UeventEvent? Event);

/// <summary>The differences that one change made in a <see cref="DeviceTable"/>.</summary>
public sealed class DeviceTableEventArgs : EventArgs
{
    /// <summary>Creates the arguments.</summary>
    /// <param name="differences">At least one difference, in order.</param>
    /// <param name="gap">The gap before a new state, or null.</param>
    public DeviceTableEventArgs(IReadOnlyList<DeviceDifference> differences, UeventGap? gap)
    {
        Differences = differences;
        Gap = gap;
    }

    /// <summary>
    /// At least one difference, in the order of the events. After a state: first removed devices, the deepest in the tree first, then new ones.
    /// </summary>
    public IReadOnlyList<DeviceDifference> Differences { get; }

    /// <summary>The gap, if a new state after a loss made these differences; else null.</summary>
    public UeventGap? Gap { get; }
}
