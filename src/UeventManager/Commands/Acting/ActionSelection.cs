using UeventManager.Client;
using UeventManager.Client.Testing;

namespace UeventManager.Commands.Acting;

/// <summary>
/// What of a stream the program is run for. The daemon is asked for the devices, whatever happens to them: what is told after a gap is found by
/// comparing them. Actions, variables and alternatives are selected here.
/// </summary>
/// <param name="filters">The alternatives; none for everything.</param>
/// <param name="withKobjects">True to run also for kobjects that are no devices.</param>
internal sealed class ActionSelection(IReadOnlyList<DeviceFilter> filters, bool withKobjects)
{
    /// <summary>What the daemon is asked for: all that any of the filters may want, or more.</summary>
    public DeviceFilter? Subscribed { get; } = Union(filters);

    /// <summary>Whether the program is run for an event.</summary>
    /// <param name="one">The event.</param>
    public bool Wants(UeventEvent one) => (withKobjects || one.Device.Kobject != true)
        && (filters.Count == 0 || filters.Any(filter => IsOf(filter, one.Device) && FilterMatch.Wants(filter, one.Action, one.Device.Properties)));

    /// <summary>Whether it is run for a gap: unless only other actions are wanted.</summary>
    public bool WantsGaps => filters.Count == 0 || filters.Any(static filter => filter.Actions is null
        || FilterMatch.Wants(new DeviceFilter { Actions = filter.Actions }, ActionRequest.GapAction, new Dictionary<string, string>()));

    /// <summary>What an event is to whoever sees only what fits: a device that begins to fit is added, one that ceases to is removed.</summary>
    /// <param name="one">The event.</param>
    /// <param name="before">The device as it was known.</param>
    public UeventEvent AsSeen(UeventEvent one, UeventDevice? before)
    {
        // Of one filter the daemon does it.
        if (filters.Count < 2 || one.Device.Kobject == true || one.Action == "remove")
            return one;
        bool did = before is not null && filters.Any(filter => IsOf(filter, before));
        bool does = filters.Any(filter => IsOf(filter, one.Device));
        if (did && !does)
            return one with { Action = "remove", Device = before!, OldDevpath = null, Synthetic = true };
        return does && !did && one.Action != "add" ? one with { Action = "add", OldDevpath = null, Synthetic = true } : one;
    }

    private bool IsOf(DeviceFilter filter, UeventDevice device) => filters.Count < 2 || FilterMatch.Wants(filter, device);

    private static DeviceFilter? Union(IReadOnlyList<DeviceFilter> filters)
    {
        if (filters.Count == 0)
            return null;
        DeviceFilter all = filters.Count == 1 ? filters[0] with { Actions = null, Variables = null } : new DeviceFilter
        {
            Subsystems = Lists(filters, static filter => filter.Subsystems),
            Devtypes = Lists(filters, static filter => filter.Devtypes),
            Devpaths = Lists(filters, static filter => filter.Devpaths),
            Sysnames = Lists(filters, static filter => filter.Sysnames),
        };
        return all == new DeviceFilter() ? null : all;
    }

    private static List<string>? Lists(IReadOnlyList<DeviceFilter> filters, Func<DeviceFilter, IReadOnlyList<string>?> list) =>
        filters.All(filter => list(filter) is not null) ? [.. filters.SelectMany(filter => list(filter)!).Distinct()] : null;
}
