namespace UeventManager.Core.Uevents;

/// <summary>
/// What udevd tells everybody once its rules have run for an event (device_monitor_send(), NETLINK_KOBJECT_UEVENT group 2), read in place: valid only as
/// long as the buffer that it was parsed from.
/// </summary>
public readonly ref struct UdevMessage
{
    /// <summary>What happened.</summary>
    public UeventAction Action { get; init; }

    /// <summary>The devpath. Of an interface that udevd renames it may be the new one or the old one: nothing is to be found by it.</summary>
    public ReadOnlySpan<byte> DevPath { get; init; }

    /// <summary>SUBSYSTEM.</summary>
    public ReadOnlySpan<byte> Subsystem { get; init; }

    /// <summary>SEQNUM of the kernel's event that udevd is done with.</summary>
    public long Seqnum { get; init; }

    /// <summary>All properties as <c>KEY=VALUE\0…</c>.</summary>
    public ReadOnlySpan<byte> Properties { get; init; }

    /// <summary>UEVENT_MANAGER=1: sent by a forwarder of ours in udevd's stead, not by udevd.</summary>
    public bool IsForwarded { get; init; }

    /// <summary>UDEV_WORKER_FAILED=1: the worker was killed or failed, and the rules were not applied.</summary>
    public bool WorkerFailed { get; init; }
}
