using System.Collections.ObjectModel;
using UeventManager.Client;

namespace UeventManager.Commands.Acting;

/// <summary>
/// Selects the events for which the program runs. The daemon is asked for the devices, with all actions, because differences after a gap are found by
/// comparing devices. Actions and variables are selected here.
/// </summary>
internal sealed class ActionSelection
{
    private static readonly UeventDevice s_none = new() { DevPath = "", Subsystem = "", SysName = "", Settled = true, Properties = new Dictionary<string, string>() };

    private readonly DeviceFilter _filter;
    private readonly bool _withKobjects;
    private readonly bool _decidesDevices;

    /// <summary>Creates a selection.</summary>
    /// <param name="filters">The alternatives; none for everything.</param>
    /// <param name="withKobjects">True to run also for kobjects that are not devices.</param>
    public ActionSelection(IReadOnlyList<DeviceFilter> filters, bool withKobjects)
    {
        _filter = DeviceFilter.AnyOf(filters);
        _withKobjects = withKobjects;
        // The alternatives that a device matches decide which actions count. If one of them depends on ancestors, this must be decided here too.
        _decidesDevices = filters.Count > 1 && filters.Any(AsksEvents) && filters.Any(AsksParents);
        Subscribed = _decidesDevices || OfDevices(_filter).IsEmpty ? null : OfDevices(_filter);
        WantsGaps = FilterMatch.Hears(OfActions(_filter), s_none, ActionRequest.GapAction, s_none.Properties);
    }

    /// <summary>The filter for the daemon: all devices that any of the filters may select, or more.</summary>
    public DeviceFilter? Subscribed { get; }

    /// <summary>Whether the program runs for a gap: unless only other actions are selected.</summary>
    public bool WantsGaps { get; }

    /// <summary>Whether the program is run for an event.</summary>
    /// <param name="one">The event.</param>
    /// <param name="find">Finds a known device by its devpath.</param>
    public bool Wants(UeventEvent one, Func<string, UeventDevice?> find) => (_withKobjects || !one.Device.IsKobject)
        && (!_decidesDevices || one.Action == "remove" || FilterMatch.Wants(_filter, one.Device, find))
        && FilterMatch.Hears(_filter, one.Device, one.Action, one.Device.Properties, find);

    /// <summary>The meaning of an event for a filter: a device that begins to match is added, one that ceases to match is removed.</summary>
    /// <param name="one">The event.</param>
    /// <param name="before">The device as known before.</param>
    /// <param name="find">Finds a known device by its devpath.</param>
    /// <returns>Null if the event is not selected.</returns>
    public UeventEvent? AsSeen(UeventEvent one, UeventDevice? before, Func<string, UeventDevice?> find)
    {
        // Otherwise the daemon does it.
        if (!_decidesDevices || one.Device.IsKobject)
            return one;
        bool did = before is not null && FilterMatch.Wants(_filter, before, find);
        bool does = one.Action != "remove" && FilterMatch.Wants(_filter, one.Device, find);
        if (!did && !does)
            return null;
        if (!does && one.Action != "remove")
            return one with { Action = "remove", Device = before!, OldDevPath = null, RawOldDevPath = null, Synthetic = true };
        return !did && one.Action != "add" ? one with { Action = "add", OldDevPath = null, RawOldDevPath = null, Synthetic = true } : one;
    }

    private static bool AsksEvents(DeviceFilter filter) => filter.Actions.Count > 0 || filter.Variables.Count > 0 || filter.Alternatives.Any(AsksEvents);

    private static bool AsksParents(DeviceFilter filter) => filter.Parents.Count > 0 || filter.Alternatives.Any(AsksParents);

    // An alternative without further terms selects everything.
    private static DeviceFilter OfDevices(DeviceFilter filter)
    {
        DeviceFilter[] others = [.. filter.Alternatives.Select(OfDevices)];
        return filter with { Actions = [], Variables = ReadOnlyDictionary<string, string>.Empty, Alternatives = Array.Exists(others, static one => one.IsEmpty) ? [] : others };
    }

    private static DeviceFilter OfActions(DeviceFilter filter) => new() { Actions = filter.Actions, Alternatives = [.. filter.Alternatives.Select(OfActions)] };
}
