using UeventManager.Sysfs;

namespace UeventManager.Commands.Retelling;

/// <summary>Why udevd has to tell of a device again.</summary>
internal enum RetellReason
{
    /// <summary>It told of the device before that was complete.</summary>
    Early,

    /// <summary>Its gate is shut, and the device is announced.</summary>
    Shut,
}

/// <summary>A device of which udevd has to tell again.</summary>
/// <param name="Device">The device.</param>
/// <param name="Reason">Why.</param>
internal sealed record Retelling(RetellDevice Device, RetellReason Reason);

/// <summary>A device that the daemon has announced.</summary>
/// <param name="devpath">Where it is.</param>
/// <param name="subsystem">Its subsystem.</param>
internal sealed class RetellDevice(string devpath, string subsystem)
{
    private string? _major;
    private string? _minor;
    private string? _ifIndex;

    /// <summary>Where it is now.</summary>
    public string DevPath { get; set; } = devpath;

    /// <summary>Its subsystem.</summary>
    public string Subsystem => subsystem;

    /// <summary>The newest event of the kernel's that the daemon may have announced of it.</summary>
    public long LastSeqnum { get; set; }

    /// <summary>True once it was removed.</summary>
    public bool IsGone { get; set; }

    /// <summary>True while it waits to be told again.</summary>
    public bool IsWanted { get; set; }

    /// <summary>True from the moment when its gate is to be opened until udevd has told so.</summary>
    public bool IsOpening { get; set; }

    /// <summary>When udevd was made to tell of it last, CLOCK_MONOTONIC; 0 if never.</summary>
    public long RetoldUsec { get; set; }

    /// <summary>How often its gate had to be opened once more, because udevd ended before it was done.</summary>
    public int Retries { get; set; }

    /// <summary>The name of its entry in udev's database.</summary>
    public string DatabaseId => UdevDatabase.IdOf(new DeviceIdentity(DevPath, Subsystem, null, _major, _minor, _ifIndex));

    /// <summary>Takes its numbers.</summary>
    public void Renumber(IReadOnlyDictionary<string, string> properties) =>
        (_major, _minor, _ifIndex) = (properties.GetValueOrDefault("MAJOR"), properties.GetValueOrDefault("MINOR"), properties.GetValueOrDefault("IFINDEX"));
}
