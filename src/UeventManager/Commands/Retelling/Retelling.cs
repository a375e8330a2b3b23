using UeventManager.Sysfs;

namespace UeventManager.Commands.Retelling;

/// <summary>The reason why udevd must announce a device again.</summary>
internal enum RetellReason
{
    /// <summary>udevd announced the device before it was complete.</summary>
    Early,

    /// <summary>The device's gate is shut although the daemon has announced it.</summary>
    Shut,
}

/// <summary>A device that udevd must announce again.</summary>
/// <param name="Device">The device.</param>
/// <param name="Reason">The reason.</param>
internal sealed record Retelling(RetellDevice Device, RetellReason Reason);

/// <summary>A device that the daemon has announced.</summary>
/// <param name="devpath">Its devpath.</param>
/// <param name="subsystem">Its subsystem.</param>
internal sealed class RetellDevice(string devpath, string subsystem)
{
    private string? _major;
    private string? _minor;
    private string? _ifIndex;

    /// <summary>Its present devpath.</summary>
    public string DevPath { get; set; } = devpath;

    /// <summary>Its subsystem.</summary>
    public string Subsystem => subsystem;

    /// <summary>The newest SEQNUM of an event that the daemon may have announced for it.</summary>
    public long LastSeqnum { get; set; }

    /// <summary>True once it is removed.</summary>
    public bool IsGone { get; set; }

    /// <summary>True while it waits to be announced again.</summary>
    public bool IsWanted { get; set; }

    /// <summary>True from the decision to open its gate until udevd's broadcast with an open gate.</summary>
    public bool IsOpening { get; set; }

    /// <summary>When it was last triggered, CLOCK_MONOTONIC; 0 if never.</summary>
    public long RetoldUsec { get; set; }

    /// <summary>The number of times its gate had to be opened again because udevd was overdue.</summary>
    public int Retries { get; set; }

    /// <summary>The name of its entry in udev's database.</summary>
    public string DatabaseId => UdevDatabase.IdOf(new DeviceIdentity(DevPath, Subsystem, null, _major, _minor, _ifIndex));

    /// <summary>Takes its device number and interface index.</summary>
    public void Renumber(IReadOnlyDictionary<string, string> properties) =>
        (_major, _minor, _ifIndex) = (properties.GetValueOrDefault("MAJOR"), properties.GetValueOrDefault("MINOR"), properties.GetValueOrDefault("IFINDEX"));
}
