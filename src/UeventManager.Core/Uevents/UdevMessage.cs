namespace UeventManager.Core.Uevents;

/// <summary>
/// udevd's broadcast after its rules have run for an event (device_monitor_send(), NETLINK_KOBJECT_UEVENT group 2), read in place: valid only as long
/// as the buffer that it was parsed from.
/// </summary>
public readonly ref struct UdevMessage
{
    /// <summary>The event's action.</summary>
    public UeventAction Action { get; init; }

    /// <summary>The devpath. For an interface that udevd renames it may be the new or the old one, so devices must not be searched by it.</summary>
    public ReadOnlySpan<byte> DevPath { get; init; }

    /// <summary>SUBSYSTEM.</summary>
    public ReadOnlySpan<byte> Subsystem { get; init; }

    /// <summary>SEQNUM of the kernel's event that udevd has processed.</summary>
    public long Seqnum { get; init; }

    /// <summary>All properties as <c>KEY=VALUE\0…</c>.</summary>
    public ReadOnlySpan<byte> Properties { get; init; }

    /// <summary>UEVENT_MANAGER=1: sent by a forwarder of this program instead of udevd.</summary>
    public bool IsForwarded { get; init; }

    /// <summary>UDEV_WORKER_FAILED=1: the worker was killed or failed, and the rules were not applied.</summary>
    public bool WorkerFailed { get; init; }
}
