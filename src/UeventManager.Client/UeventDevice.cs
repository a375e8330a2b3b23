using System.Text.Json.Serialization;

namespace UeventManager.Client;

/// <summary>A device as it was last announced (<c>type Device</c> of <c>org.ueventmanager.Devices</c>).</summary>
public sealed record UeventDevice
{
    /// <summary>The device's directory below sysfs, as <c>/devices/pci0000:00/0000:00:1f.6/net/eth0</c>.</summary>
    [JsonPropertyName("devpath")]
    public required string DevPath { get; init; }

    /// <summary>
    /// The bytes of <see cref="DevPath"/> in base64 if they are not valid UTF-8, so that <see cref="DevPath"/> has <c>\xNN</c> in place of some; else
    /// null.
    /// </summary>
    [JsonPropertyName("rawDevpath")]
    public string? RawDevPath { get; init; }

    /// <summary>The subsystem, as <c>net</c>.</summary>
    public required string Subsystem { get; init; }

    /// <summary>The property DEVTYPE, as <c>partition</c>; null if there is none.</summary>
    [JsonPropertyName("devtype")]
    public string? DevType { get; init; }

    /// <summary>The last component of <see cref="DevPath"/>.</summary>
    [JsonPropertyName("sysname")]
    public required string SysName { get; init; }

    /// <summary>The device's node, as <c>/dev/sda1</c>; null if there is none.</summary>
    [JsonPropertyName("devnode")]
    public string? DevNode { get; init; }

    /// <summary>The driver bound to the device; null if there is none.</summary>
    public string? Driver { get; init; }

    /// <summary>The devpath of the nearest device above; null if there is none.</summary>
    public string? Parent { get; init; }

    /// <summary>True if every required condition of the rule held when the device was announced.</summary>
    public required bool Settled { get; init; }

    /// <summary>The conditions that did not hold; empty if all held.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Missing { get => WireMissing ?? []; init => WireMissing = value.NullIfEmpty(); }

    // On the wire empty members are left out; a member that the daemon sent is written as it was received. Members are in the interface's order.
    [JsonInclude, JsonPropertyName("missing")]
    internal IReadOnlyList<string>? WireMissing { get; init; }

    /// <summary>The name of the rule that was in force; null if there was none.</summary>
    public string? Rule { get; init; }

    /// <summary>True for a kernel object that is not a device, such as a driver or a queue.</summary>
    [JsonIgnore]
    public bool IsKobject
    {
        get => WireKobject == true;
        init => WireKobject = value ? true : null;
    }

    [JsonInclude, JsonPropertyName("kobject")]
    internal bool? WireKobject { get; init; }

    /// <summary>The properties of the device's uevent, by name.</summary>
    public required IReadOnlyDictionary<string, string> Properties { get; init; }

    /// <summary>
    /// The properties but for ACTION, DEVPATH and SUBSYSTEM in base64, each <c>KEY=VALUE</c> with a NUL behind it, if the devpath or one of them is not
    /// valid UTF-8; else null.
    /// </summary>
    public string? RawProperties { get; init; }

    /// <summary>The attributes that the rule attaches, by path relative to the device's directory; empty if there are none.</summary>
    [JsonIgnore]
    public IReadOnlyDictionary<string, string> Attributes { get => WireAttributes ?? WireCollections.NoPairs; init => WireAttributes = value.NullIfEmpty(); }

    [JsonInclude, JsonPropertyName("attributes")]
    internal IReadOnlyDictionary<string, string>? WireAttributes { get; init; }

    /// <summary>The links that the rule attaches, with their targets, as devpaths if the targets are devices; empty if there are none.</summary>
    [JsonIgnore]
    public IReadOnlyDictionary<string, string> Links { get => WireLinks ?? WireCollections.NoPairs; init => WireLinks = value.NullIfEmpty(); }

    [JsonInclude, JsonPropertyName("links")]
    internal IReadOnlyDictionary<string, string>? WireLinks { get; init; }
}
