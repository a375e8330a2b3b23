using UeventManager.Core.Rules;

namespace UeventManager.Core.Dispatch;

/// <content>The limits and the cost of a filter.</content>
public sealed partial record DeviceFilter
{
    /// <summary>The most patterns in one filter and its alternatives.</summary>
    public const int MaxPatterns = 256;

    /// <summary>The most properties, variables, attributes and ancestors in one filter: each is searched among all that a device has.</summary>
    public const int MaxProperties = 32;

    /// <summary>The most patterns with more than one star; each counts once for every 64 characters (<see cref="Glob.Cost"/>).</summary>
    public const int MaxCost = 32;

    /// <summary>The most alternatives, nested ones included.</summary>
    public const int MaxAlternatives = 64;

    /// <summary>The deepest nesting of alternatives.</summary>
    public const int MaxDepth = 8;

    /// <summary>True if a device can enter or leave the filter during its life.</summary>
    public bool CanChange => Within.Any(one => one.DevTypes is not null || one.DevPaths is not null || one.SysNames is not null || one.AsksMore);

    /// <summary>True if an event's <see cref="EventTag"/> suffices to decide.</summary>
    public bool IsOfTag => _isOfTag ??= Within.All(one => one.DevPaths is null && one.SysNames is null && !one.AsksMore && one.Variables is null);

    /// <summary>True if it depends on a device's ancestors.</summary>
    public bool AsksParents => Within.Any(one => one.Parents is not null);

    /// <summary>True if a device costs only some microseconds: every event is matched against the filter on the engine's thread.</summary>
    public bool IsAffordable => All.Count() <= MaxPatterns && Questions <= MaxProperties && All.Sum(pattern => pattern.Cost) <= MaxCost
        && Within.Count() <= 1 + MaxAlternatives && Depth <= MaxDepth;

    /// <summary>The cost of a device, in steps of some 100 ns.</summary>
    public int Steps => _steps > 0 ? _steps : _steps = 1 + ((All.Count() + Within.Count() - 1) / 16) + All.Sum(pattern => pattern.Cost);

    // Cached, because every event needs them; a copy computes them anew, because its members may differ.
    private int _steps;
    private bool? _isOfTag;

    /// <summary>A filter that selects everything.</summary>
    public DeviceFilter()
    {
    }

    private DeviceFilter(DeviceFilter other)
    {
        (Subsystems, DevTypes, DevPaths, SysNames, Actions) = (other.Subsystems, other.DevTypes, other.DevPaths, other.SysNames, other.Actions);
        (Properties, Variables, Attributes, Tags, Parents) = (other.Properties, other.Variables, other.Attributes, other.Tags, other.Parents);
        Alternatives = other.Alternatives;
    }

    private bool AsksMore => Properties is not null || Attributes is not null || Tags is not null || Parents is not null;

    private IEnumerable<DeviceFilter> Within => (Alternatives ?? []).SelectMany(one => one.Within).Prepend(this);

    private int Depth => Alternatives is { Count: > 0 } others ? 1 + others.Max(one => one.Depth) : 0;

    private int Questions => Within.Sum(one => (one.Properties?.Count ?? 0) + (one.Variables?.Count ?? 0) + (one.Attributes?.Count ?? 0) + (one.Parents?.Count ?? 0));

    private IEnumerable<Glob> All => Within.SelectMany(one => one.Own);

    private IEnumerable<Glob> Own =>
        new[] { Subsystems, DevTypes, DevPaths, SysNames, Actions, Tags }.SelectMany(list => list ?? [])
            .Concat(new[] { Properties, Variables }.SelectMany(list => list ?? []).Select(property => property.Value))
            .Concat((Attributes ?? []).Select(attribute => attribute.Value)).Concat((Parents ?? []).SelectMany(parent => parent.Globs));
}
