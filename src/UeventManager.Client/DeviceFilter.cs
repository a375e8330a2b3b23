using System.Text.Json.Serialization;

namespace UeventManager.Client;

/// <summary>
/// Selects devices and events (<c>type Filter</c>). Values are globs: <c>*</c> stops at <c>/</c> in a name or a devpath, <c>**</c> does not; in
/// values of properties, devtypes and tags both match everything. The values of a list are alternatives. All members must match; an empty
/// member matches everything.
/// </summary>
public sealed record DeviceFilter
{
    /// <summary>Subsystems, as <c>net</c>.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Subsystems { get => WireSubsystems ?? []; init => WireSubsystems = value.NullIfEmpty(); }

    [JsonInclude, JsonPropertyName("subsystems")]
    internal IReadOnlyList<string>? WireSubsystems { get; init; }

    /// <summary>Devtypes, as <c>partition</c>.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> DevTypes { get => WireDevTypes ?? []; init => WireDevTypes = value.NullIfEmpty(); }

    [JsonInclude, JsonPropertyName("devtypes")]
    internal IReadOnlyList<string>? WireDevTypes { get; init; }

    /// <summary>Devpaths, as <c>/devices/pci0000:00/**</c>.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> DevPaths { get => WireDevPaths ?? []; init => WireDevPaths = value.NullIfEmpty(); }

    [JsonInclude, JsonPropertyName("devpaths")]
    internal IReadOnlyList<string>? WireDevPaths { get; init; }

    /// <summary>Last components of devpaths, as <c>eth*</c>.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> SysNames { get => WireSysNames ?? []; init => WireSysNames = value.NullIfEmpty(); }

    [JsonInclude, JsonPropertyName("sysnames")]
    internal IReadOnlyList<string>? WireSysNames { get; init; }

    /// <summary>Actions. They select only events, not the devices of the state.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Actions { get => WireActions ?? []; init => WireActions = value.NullIfEmpty(); }

    [JsonInclude, JsonPropertyName("actions")]
    internal IReadOnlyList<string>? WireActions { get; init; }

    /// <summary>Properties: each must have a matching value.</summary>
    [JsonIgnore]
    public IReadOnlyDictionary<string, string> Properties { get => WireProperties ?? WireCollections.NoPairs; init => WireProperties = value.NullIfEmpty(); }

    [JsonInclude, JsonPropertyName("properties")]
    internal IReadOnlyDictionary<string, string>? WireProperties { get; init; }

    /// <summary>
    /// Properties of the event, including variables of that event alone: <c>RESIZE</c>, <c>HOTPLUG</c>, <c>SYNTH_UUID</c>, <c>DM_*</c>. They select
    /// only events, not the devices of the state.
    /// </summary>
    [JsonIgnore]
    public IReadOnlyDictionary<string, string> Variables { get => WireVariables ?? WireCollections.NoPairs; init => WireVariables = value.NullIfEmpty(); }

    [JsonInclude, JsonPropertyName("variables")]
    internal IReadOnlyDictionary<string, string>? WireVariables { get; init; }

    /// <summary>Attributes that the device's rule attaches: each must have a matching value.</summary>
    [JsonIgnore]
    public IReadOnlyDictionary<string, string> Attributes { get => WireAttributes ?? WireCollections.NoPairs; init => WireAttributes = value.NullIfEmpty(); }

    [JsonInclude, JsonPropertyName("attributes")]
    internal IReadOnlyDictionary<string, string>? WireAttributes { get; init; }

    /// <summary>
    /// Known ancestors, as <c>SUBSYSTEM[/DEVTYPE][:SYSNAME]</c>, of which at least one must match; with a leading <c>!</c> none may match.
    /// </summary>
    [JsonIgnore]
    public IReadOnlyList<string> Parents { get => WireParents ?? []; init => WireParents = value.NullIfEmpty(); }

    [JsonInclude, JsonPropertyName("parents")]
    internal IReadOnlyList<string>? WireParents { get; init; }

    /// <summary>udev's tags, for devices whose rule attaches <c>TAGS</c>; with a leading <c>!</c> no tag may match.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Tags { get => WireTags ?? []; init => WireTags = value.NullIfEmpty(); }

    [JsonInclude, JsonPropertyName("tags")]
    internal IReadOnlyList<string>? WireTags { get; init; }

    /// <summary>Filters, of which at least one must match the device and the event too. At most 64 in all, nested at most 8 deep.</summary>
    [JsonIgnore]
    public IReadOnlyList<DeviceFilter> Alternatives { get => WireAlternatives ?? []; init => WireAlternatives = value.NullIfEmpty(); }

    [JsonInclude, JsonPropertyName("alternatives")]
    internal IReadOnlyList<DeviceFilter>? WireAlternatives { get; init; }

    /// <summary>True if all members are empty, so that the filter matches everything.</summary>
    [JsonIgnore]
    public bool IsEmpty => Array.TrueForAll(Members, static one => one is null);

    /// <summary>Creates a filter that matches if any of several filters does.</summary>
    /// <param name="filters">The alternatives.</param>
    /// <returns>One filter; an empty one if there are no alternatives.</returns>
    public static DeviceFilter AnyOf(IReadOnlyList<DeviceFilter> filters)
    {
        ArgumentNullException.ThrowIfNull(filters);
        return filters switch { [] => new DeviceFilter(), [var only] => only, _ => new DeviceFilter { Alternatives = filters } };
    }

    /// <summary>Creates a filter that matches if both this filter and another one do.</summary>
    /// <param name="other">The other filter.</param>
    /// <returns>One filter.</returns>
    public DeviceFilter And(DeviceFilter other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (!IsDisjoint(other))
            return this with { Alternatives = Alternatives.Count > 0 ? [.. Alternatives.Select(one => one.And(other))] : [other] };
        return new DeviceFilter
        {
            WireSubsystems = WireSubsystems ?? other.WireSubsystems,
            WireDevTypes = WireDevTypes ?? other.WireDevTypes,
            WireDevPaths = WireDevPaths ?? other.WireDevPaths,
            WireSysNames = WireSysNames ?? other.WireSysNames,
            WireActions = WireActions ?? other.WireActions,
            WireProperties = WireProperties ?? other.WireProperties,
            WireVariables = WireVariables ?? other.WireVariables,
            WireAttributes = WireAttributes ?? other.WireAttributes,
            WireParents = WireParents ?? other.WireParents,
            WireTags = WireTags ?? other.WireTags,
            WireAlternatives = WireAlternatives ?? other.WireAlternatives,
        };
    }

    // The members can then be combined in one filter, because all members are required.
    private bool IsDisjoint(DeviceFilter other) => !Members.Zip(other.Members).Any(static pair => pair.First is not null && pair.Second is not null);

    private object?[] Members =>
        [WireSubsystems, WireDevTypes, WireDevPaths, WireSysNames, WireActions, WireProperties, WireVariables, WireAttributes, WireParents, WireTags, WireAlternatives];
}
