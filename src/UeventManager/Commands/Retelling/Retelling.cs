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
    /// <summary>Where it is now.</summary>
    public string Devpath { get; set; } = devpath;

    /// <summary>Its subsystem.</summary>
    public string Subsystem => subsystem;

    /// <summary>When udevd was made to tell of it last, CLOCK_MONOTONIC; 0 if never.</summary>
    public long RetoldUsec { get; set; }

    /// <summary>True once it was removed.</summary>
    public bool IsGone { get; set; }

    /// <summary>Its properties when it was told of last.</summary>
    public IReadOnlyDictionary<string, string> Properties { get; set; } = new Dictionary<string, string>();

    /// <summary>The name of its entry in udev's database.</summary>
    public string DatabaseId => UdevDatabase.IdOf(new DeviceIdentity(
        Devpath, Subsystem, null, Properties.GetValueOrDefault("MAJOR"), Properties.GetValueOrDefault("MINOR"), Properties.GetValueOrDefault("IFINDEX")));
}
