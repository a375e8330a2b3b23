namespace UeventManager.Client;

/// <summary>
/// Which devices and events to see (<c>type Filter</c>). Values are globs: <c>*</c> stops at <c>/</c> in a name or a devpath, <c>**</c> does not; in
/// values of properties, devtypes and tags both match everything. The values of a list are alternatives; everything that is given must hold.
/// </summary>
public sealed record DeviceFilter
{
    /// <summary>Subsystems, as <c>net</c>.</summary>
    public IReadOnlyList<string>? Subsystems { get; init; }

    /// <summary>Devtypes, as <c>partition</c>.</summary>
    public IReadOnlyList<string>? Devtypes { get; init; }

    /// <summary>Devpaths, as <c>/devices/pci0000:00/**</c>.</summary>
    public IReadOnlyList<string>? Devpaths { get; init; }

    /// <summary>Last components of devpaths, as <c>eth*</c>.</summary>
    public IReadOnlyList<string>? Sysnames { get; init; }

    /// <summary>Actions. They select events only, not what the state holds.</summary>
    public IReadOnlyList<string>? Actions { get; init; }

    /// <summary>Properties: every one must have a value that fits.</summary>
    public IReadOnlyDictionary<string, string>? Properties { get; init; }

    /// <summary>
    /// What the event must carry, variables of its own included: <c>RESIZE</c>, <c>HOTPLUG</c>, <c>SYNTH_UUID</c>, <c>DM_*</c>. They select events only,
    /// not what the state holds.
    /// </summary>
    public IReadOnlyDictionary<string, string>? Variables { get; init; }

    /// <summary>Attributes that the devices' rule attaches: every one must have a value that fits.</summary>
    public IReadOnlyDictionary<string, string>? Attributes { get; init; }

    /// <summary>
    /// Known devices above, as <c>SUBSYSTEM[/DEVTYPE][:SYSNAME]</c>, of which there must be one that fits; with a leading <c>!</c> none that fits.
    /// </summary>
    public IReadOnlyList<string>? Parents { get; init; }

    /// <summary>udev's tags, of devices whose rule attaches <c>TAGS</c>; a leading <c>!</c> wants none that fits.</summary>
    public IReadOnlyList<string>? Tags { get; init; }
}
