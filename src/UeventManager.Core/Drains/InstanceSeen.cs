using UeventManager.Core.Ordering;
using UeventManager.Core.Settle;

namespace UeventManager.Core.Drains;

/// <summary>The instance that stood at a device's place at one look.</summary>
/// <param name="Device">The device that is known there.</param>
/// <param name="Instance">The instance; unknown if no directory was there.</param>
/// <param name="LookOrder">The last event before the look.</param>
internal sealed record InstanceSeen(Device Device, DeviceInstance Instance, long LookOrder)
{
    /// <summary>What is told of it: an add for another instance, a change for other properties; null if it is only to be known.</summary>
    public PendingEvent? News { get; init; }

    /// <summary>A datagram said it, not a scan.</summary>
    public bool Heard { get; init; }

    /// <summary>No directory was found.</summary>
    public bool Gone { get; init; }

    /// <summary>Of the add of another instance: what became known below the device until this order goes with the old one; else 0.</summary>
    public long Replaces { get; init; }
}
