using UeventManager.Client;

namespace UeventManager.Commands.Acting;

/// <summary>
/// What of a stream the program is run for. The daemon is asked for the devices, whatever happens to them: what is told after a gap is found by
/// comparing them. Actions and variables are selected here.
/// </summary>
internal sealed class ActionSelection
{
    private static readonly UeventDevice s_none = new() { DevPath = "", Subsystem = "", SysName = "", Settled = true, Properties = new Dictionary<string, string>() };

    private readonly DeviceFilter? _filter;
    private readonly bool _withKobjects;
    private readonly bool _decidesDevices;

    /// <summary>Makes a selection.</summary>
    /// <param name="filters">The alternatives; none for everything.</param>
    /// <param name="withKobjects">True to run also for kobjects that are not devices.</param>
    public ActionSelection(IReadOnlyList<DeviceFilter> filters, bool withKobjects)
    {
        _filter = DeviceFilter.AnyOf(filters);
        _withKobjects = withKobjects;
        // Which alternative a device fits decides which actions count. Where one asks for what is above the device, that must be known here too.
        _decidesDevices = filters.Count > 1 && filters.Any(AsksEvents) && filters.Any(AsksParents);
        Subscribed = _decidesDevices || _filter is null || OfDevices(_filter) == new DeviceFilter() ? null : OfDevices(_filter);
        WantsGaps = _filter is null || FilterMatch.Hears(OfActions(_filter), s_none, ActionRequest.GapAction, s_none.Properties);
    }

    /// <summary>What the daemon is asked for: all devices that any of the filters may want, or more.</summary>
    public DeviceFilter? Subscribed { get; }

    /// <summary>Whether it is run for a gap: unless only other actions are wanted.</summary>
    public bool WantsGaps { get; }

    /// <summary>Whether the program is run for an event.</summary>
    /// <param name="one">The event.</param>
    /// <param name="find">Finds a known device by its devpath.</param>
    public bool Wants(UeventEvent one, Func<string, UeventDevice?> find) => (_withKobjects || !one.Device.IsKobject)
        && (!_decidesDevices || one.Action == "remove" || FilterMatch.Wants(_filter, one.Device, find))
        && FilterMatch.Hears(_filter, one.Device, one.Action, one.Device.Properties, find);

    /// <summary>What an event means for a filter: a device that begins to match is added, one that ceases to match is removed.</summary>
    /// <param name="one">The event.</param>
    /// <param name="before">The device as it was known.</param>
    /// <param name="find">Finds a known device by its devpath.</param>
    /// <returns>Null if it is nothing to them.</returns>
    public UeventEvent? AsSeen(UeventEvent one, UeventDevice? before, Func<string, UeventDevice?> find)
    {
        // Else the daemon does it.
        if (!_decidesDevices || one.Device.IsKobject)
            return one;
        bool did = before is not null && FilterMatch.Wants(_filter, before, find);
        bool does = one.Action != "remove" && FilterMatch.Wants(_filter, one.Device, find);
        if (!did && !does)
            return null;
        if (!does && one.Action != "remove")
            return one with { Action = "remove", Device = before!, OldDevPath = null, Synthetic = true };
        return !did && one.Action != "add" ? one with { Action = "add", OldDevPath = null, Synthetic = true } : one;
    }

    private static bool AsksEvents(DeviceFilter filter) => filter.Actions is not null || filter.Variables is not null || filter.Alternatives?.Any(AsksEvents) == true;

    private static bool AsksParents(DeviceFilter filter) => filter.Parents is not null || filter.Alternatives?.Any(AsksParents) == true;

    // An alternative that asks nothing more is everything.
    private static DeviceFilter OfDevices(DeviceFilter filter)
    {
        DeviceFilter[]? others = filter.Alternatives?.Select(OfDevices).ToArray();
        return filter with { Actions = null, Variables = null, Alternatives = others?.Contains(new DeviceFilter()) == true ? null : others };
    }

    private static DeviceFilter OfActions(DeviceFilter filter) => new() { Actions = filter.Actions, Alternatives = filter.Alternatives?.Select(OfActions).ToArray() };
}
