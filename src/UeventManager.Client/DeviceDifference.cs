namespace UeventManager.Client;

/// <summary>What became of a device in a <see cref="DeviceTable"/>.</summary>
public enum DifferenceKind
{
    /// <summary>It is new.</summary>
    Added,

    /// <summary>Something happened to it, or a state shows it otherwise than it was known.</summary>
    Changed,

    /// <summary>It, or a device above it, has another devpath.</summary>
    Moved,

    /// <summary>It is gone.</summary>
    Removed,
}

/// <summary>One device's difference.</summary>
/// <param name="Kind">What became of it.</param>
/// <param name="Device">The device now; of a removed one as it was.</param>
/// <param name="Before">The device before; null if it is new.</param>
/// <param name="Event">The event that said so; null if a state did, or a move of a device above it.</param>
public sealed record DeviceDifference(DifferenceKind Kind, UeventDevice Device, UeventDevice? Before, UeventEvent? Event);

/// <summary>What one change made of a <see cref="DeviceTable"/>.</summary>
public sealed class DeviceTableEventArgs : EventArgs
{
    /// <summary>Makes one.</summary>
    /// <param name="differences">At least one, in order.</param>
    /// <param name="gap">Why the state was sent anew.</param>
    public DeviceTableEventArgs(IReadOnlyList<DeviceDifference> differences, UeventGap? gap)
    {
        Differences = differences;
        Gap = gap;
    }

    /// <summary>At least one, in the order of the events. Of a state first what is gone, those deepest in the tree first, then what is new.</summary>
    public IReadOnlyList<DeviceDifference> Differences { get; }

    /// <summary>Set if these differences were found by a new state after something was lost.</summary>
    public UeventGap? Gap { get; }
}
