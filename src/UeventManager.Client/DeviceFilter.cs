using System.Text.Json.Serialization;

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
    [JsonPropertyName("devtypes")]
    public IReadOnlyList<string>? DevTypes { get; init; }

    /// <summary>Devpaths, as <c>/devices/pci0000:00/**</c>.</summary>
    [JsonPropertyName("devpaths")]
    public IReadOnlyList<string>? DevPaths { get; init; }

    /// <summary>Last components of devpaths, as <c>eth*</c>.</summary>
    [JsonPropertyName("sysnames")]
    public IReadOnlyList<string>? SysNames { get; init; }

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

    /// <summary>Filters of which one must fit too, a device and its event. At most 64 in all, nested at most 8 deep.</summary>
    public IReadOnlyList<DeviceFilter>? Alternatives { get; init; }

    /// <summary>What any of several filters wants.</summary>
    /// <param name="filters">The alternatives.</param>
    /// <returns>One filter; null if there is none of them.</returns>
    public static DeviceFilter? AnyOf(IReadOnlyList<DeviceFilter> filters)
    {
        ArgumentNullException.ThrowIfNull(filters);
        return filters switch { [] => null, [var only] => only, _ => new DeviceFilter { Alternatives = filters } };
    }

    /// <summary>What this filter and another one want.</summary>
    /// <param name="other">The other one.</param>
    /// <returns>One filter.</returns>
    public DeviceFilter And(DeviceFilter other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (!IsDisjoint(other))
            return this with { Alternatives = Alternatives is { Count: > 0 } own ? [.. own.Select(one => one.And(other))] : [other] };
        return new DeviceFilter
        {
            Subsystems = Subsystems ?? other.Subsystems,
            DevTypes = DevTypes ?? other.DevTypes,
            DevPaths = DevPaths ?? other.DevPaths,
            SysNames = SysNames ?? other.SysNames,
            Actions = Actions ?? other.Actions,
            Properties = Properties ?? other.Properties,
            Variables = Variables ?? other.Variables,
            Attributes = Attributes ?? other.Attributes,
            Parents = Parents ?? other.Parents,
            Tags = Tags ?? other.Tags,
            Alternatives = Alternatives ?? other.Alternatives,
        };
    }

    // Then their members can stand side by side: all of them are required.
    private bool IsDisjoint(DeviceFilter other) => !Members.Zip(other.Members).Any(static pair => pair.First is not null && pair.Second is not null);

    private object?[] Members => [Subsystems, DevTypes, DevPaths, SysNames, Actions, Properties, Variables, Attributes, Parents, Tags, Alternatives];
}
