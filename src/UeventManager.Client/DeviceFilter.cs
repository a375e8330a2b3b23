using System.Text.Json.Serialization;

namespace UeventManager.Client;

/// <summary>
/// Selects devices and events (<c>type Filter</c>). Values are globs: <c>*</c> stops at <c>/</c> in a name or a devpath, <c>**</c> does not; in
/// values of properties, devtypes and tags both match everything. The values of a list are alternatives; all given members must match.
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

    /// <summary>Actions. They select only events, not the devices of the state.</summary>
    public IReadOnlyList<string>? Actions { get; init; }

    /// <summary>Properties: each must have a matching value.</summary>
    public IReadOnlyDictionary<string, string>? Properties { get; init; }

    /// <summary>
    /// Properties of the event, including variables of that event alone: <c>RESIZE</c>, <c>HOTPLUG</c>, <c>SYNTH_UUID</c>, <c>DM_*</c>. They select
    /// only events, not the devices of the state.
    /// </summary>
    public IReadOnlyDictionary<string, string>? Variables { get; init; }

    /// <summary>Attributes that the device's rule attaches: each must have a matching value.</summary>
    public IReadOnlyDictionary<string, string>? Attributes { get; init; }

    /// <summary>
    /// Known ancestors, as <c>SUBSYSTEM[/DEVTYPE][:SYSNAME]</c>, of which at least one must match; with a leading <c>!</c> none may match.
    /// </summary>
    public IReadOnlyList<string>? Parents { get; init; }

    /// <summary>udev's tags, for devices whose rule attaches <c>TAGS</c>; with a leading <c>!</c> no tag may match.</summary>
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>Filters, of which at least one must match the device and the event too. At most 64 in all, nested at most 8 deep.</summary>
    public IReadOnlyList<DeviceFilter>? Alternatives { get; init; }

    /// <summary>Creates a filter that matches if any of several filters does.</summary>
    /// <param name="filters">The alternatives.</param>
    /// <returns>One filter; null if there are no alternatives.</returns>
    public static DeviceFilter? AnyOf(IReadOnlyList<DeviceFilter> filters)
    {
        ArgumentNullException.ThrowIfNull(filters);
        return filters switch { [] => null, [var only] => only, _ => new DeviceFilter { Alternatives = filters } };
    }

    /// <summary>Creates a filter that matches if both this filter and another one do.</summary>
    /// <param name="other">The other filter.</param>
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

    // The members can then be combined in one filter, because all members are required.
    private bool IsDisjoint(DeviceFilter other) => !Members.Zip(other.Members).Any(static pair => pair.First is not null && pair.Second is not null);

    private object?[] Members => [Subsystems, DevTypes, DevPaths, SysNames, Actions, Properties, Variables, Attributes, Parents, Tags, Alternatives];
}
