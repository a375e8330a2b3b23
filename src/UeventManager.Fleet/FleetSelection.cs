using UeventManager.Client;

namespace UeventManager.Fleet;

/// <summary>Applies a filter: a device that begins to match is added, and one that ceases to match is removed, as in the daemon.</summary>
/// <param name="filter">The filter.</param>
/// <param name="fleet">The known state.</param>
internal sealed class FleetSelection(DeviceFilter? filter, FleetAssembly fleet)
{
    private readonly HashSet<(string Host, string DevPath)> _in = [];

    /// <summary>The visible part of a change; null for nothing.</summary>
    public FleetChange? Of(FleetChange change) => filter is null ? change : change switch
    {
        FleetState state => Of(state),
        FleetEvents events => Of(events),
        FleetHostChange { Host: { State: FleetHostState.Purged } gone } => Without(gone.Name, change),
        _ => change,
    };

    private FleetChange Without(string host, FleetChange change)
    {
        _in.RemoveWhere(one => one.Host == host);
        return change;
    }

    private FleetState Of(FleetState state)
    {
        _in.Clear();
        FleetDevice[] devices = [.. state.Devices.Where(device => FilterMatch.Wants(filter, device.Read(), fleet[device.Host] is { } host ? host.Find : null))];
        foreach (FleetDevice device in devices)
            _in.Add((device.Host, device.DevPath));
        return state with { Devices = devices };
    }

    private FleetEvents? Of(FleetEvents events)
    {
        HostAssembly? host = fleet[events.Host];
        var wanted = new List<FleetEvent>();
        foreach (FleetEvent one in events.Events)
        {
            UeventDevice device = FleetLine.WithoutAction(one.Event.Device);
            bool was = _in.Remove((one.Host, one.Event.OldDevPath ?? device.DevPath));
            was |= _in.Remove((one.Host, device.DevPath));
            bool fits = FilterMatch.Wants(filter, device, host is null ? null : host.Find);
            bool stays = fits && one.Event.Action != "remove";
            if (stays)
                _in.Add((one.Host, device.DevPath));
            if (!was && !stays)
                continue;
            string action = !was && one.Event.Action is not "add" ? "add" : !stays ? "remove" : one.Event.Action;
            if (FilterMatch.Hears(filter, device, action, one.Event.Device.Properties, host is null ? null : host.Find))
                wanted.Add(action == one.Event.Action ? one : one with { Event = Renamed(one.Event, action) });
        }
        return wanted.Count == 0 ? null : events with { Events = wanted };
    }

    private static UeventEvent Renamed(UeventEvent one, string action) => one with
    {
        Action = action,
        OldDevPath = null,
        RawOldDevPath = null,
        Device = FleetLine.WithAction(FleetLine.WithoutAction(one.Device), action),
    };
}
