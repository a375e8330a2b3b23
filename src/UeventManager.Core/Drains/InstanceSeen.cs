using UeventManager.Core.Ordering;
using UeventManager.Core.Settle;

namespace UeventManager.Core.Drains;

/// <summary>The instance that a look saw at a device's path.</summary>
/// <param name="Device">The known device at that path.</param>
/// <param name="Instance">The instance; unknown if there was no directory.</param>
/// <param name="LookOrder">The last event before the look.</param>
internal sealed record InstanceSeen(Device Device, DeviceInstance Instance, long LookOrder)
{
    /// <summary>The event to step: an add for another instance, a change for other properties; null if only the instance is to be noted.</summary>
    public PendingEvent? News { get; init; }

    /// <summary>True if a datagram reported it, not a scan.</summary>
    public bool Heard { get; init; }

    /// <summary>True if there was no directory.</summary>
    public bool Gone { get; init; }

    /// <summary>For the add of another instance: descendants that became known up to this order go with the old instance; else 0.</summary>
    public long Replaces { get; init; }
}
