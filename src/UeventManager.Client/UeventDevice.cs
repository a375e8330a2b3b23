namespace UeventManager.Client;

/// <summary>A device as it was last announced (<c>type Device</c> of <c>org.ueventmanager.Devices</c>).</summary>
public sealed record UeventDevice
{
    /// <summary>Its directory below sysfs, as <c>/devices/pci0000:00/0000:00:1f.6/net/eth0</c>.</summary>
    public required string Devpath { get; init; }

    /// <summary>Its subsystem, as <c>net</c>.</summary>
    public required string Subsystem { get; init; }

    /// <summary>The property DEVTYPE, as <c>partition</c>.</summary>
    public string? Devtype { get; init; }

    /// <summary>The last component of <see cref="Devpath"/>.</summary>
    public required string Sysname { get; init; }

    /// <summary>Its node, as <c>/dev/sda1</c>.</summary>
    public string? Devnode { get; init; }

    /// <summary>The driver bound to it.</summary>
    public string? Driver { get; init; }

    /// <summary>The devpath of the nearest device above it.</summary>
    public string? Parent { get; init; }

    /// <summary>True if every condition of its rule held when it was announced.</summary>
    public required bool Settled { get; init; }

    /// <summary>The conditions that did not hold.</summary>
    public IReadOnlyList<string>? Missing { get; init; }

    /// <summary>The name of the rule that was in force.</summary>
    public string? Rule { get; init; }

    /// <summary>True if this is not a device but another kernel object, as a driver or a queue.</summary>
    public bool? Kobject { get; init; }

    /// <summary>The properties of its uevent.</summary>
    public required IReadOnlyDictionary<string, string> Properties { get; init; }

    /// <summary>The attributes that the rule attaches, by their path relative to the device's directory.</summary>
    public IReadOnlyDictionary<string, string>? Attributes { get; init; }

    /// <summary>The links that the rule attaches: what each leads to, as a devpath where that is a device.</summary>
    public IReadOnlyDictionary<string, string>? Links { get; init; }
}
