namespace UeventManager.Core.Uevents;

/// <summary>
/// One datagram of the kernel, read in place: valid only as long as the buffer that it was parsed from. Layout: <c>ACTION@DEVPATH\0KEY=VALUE\0…</c>
/// (kobject_uevent_env(), uevent_net_broadcast()).
/// </summary>
public readonly ref struct Uevent
{
    /// <summary>The action.</summary>
    public UeventAction Action { get; init; }

    /// <summary>Path below the sysfs root, with a leading slash.</summary>
    public ReadOnlySpan<byte> DevPath { get; init; }

    /// <summary>The former path of a move, else empty.</summary>
    public ReadOnlySpan<byte> DevPathOld { get; init; }

    /// <summary>SUBSYSTEM; empty if the kernel sent none.</summary>
    public ReadOnlySpan<byte> Subsystem { get; init; }

    /// <summary>SEQNUM; 0 if there is none. Not the order of delivery: uevent_seqnum is not serialised with the broadcast.</summary>
    public long Seqnum { get; init; }

    /// <summary>True if a write to the <c>uevent</c> file triggered it (SYNTH_UUID, kobject_synth_uevent()).</summary>
    public bool IsSynthetic { get; init; }

    /// <summary>The property that marks such an event, also in udevd's broadcast about it.</summary>
    public static ReadOnlySpan<byte> RetoldKey => "SYNTH_ARG_UEVENTMANAGER"u8;

    /// <summary>True if <c>ueventctl retell</c> triggered it (SYNTH_ARG_UEVENTMANAGER), so that udevd announces a complete device again.</summary>
    public bool IsRetold { get; init; }

    /// <summary>All properties as <c>KEY=VALUE\0…</c>.</summary>
    public ReadOnlySpan<byte> Properties { get; init; }

    /// <summary>The outline of the properties.</summary>
    public PropertyOutline Outline { get; init; }
}
