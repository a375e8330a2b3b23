using System.Collections.Immutable;

namespace UeventManager.Fleet;

/// <summary>The devices and hosts of a fleet at one moment.</summary>
internal sealed record FleetPicture(ImmutableDictionary<(string Host, string DevPath), FleetDevice> Devices, ImmutableDictionary<string, FleetHost> Hosts, FleetPosition Position)
{
    /// <summary>A picture without hosts.</summary>
    public static FleetPicture Empty { get; } =
        new(ImmutableDictionary<(string Host, string DevPath), FleetDevice>.Empty, ImmutableDictionary.Create<string, FleetHost>(StringComparer.Ordinal), default);

    /// <summary>The picture after a change.</summary>
    public FleetPicture After(FleetChange change) => change switch
    {
        FleetState state => new FleetPicture(
            Empty.Devices.AddRange(state.Devices.Select(static one => KeyValuePair.Create((one.Host, one.DevPath), one))),
            Empty.Hosts.AddRange(state.Hosts.Select(static one => KeyValuePair.Create(one.Name, one))),
            state.Position),
        FleetEvents events => this with { Devices = Apply(events), Position = events.Position },
        FleetHostChange { Host: { State: FleetHostState.Purged } gone } => new FleetPicture(
            Devices.RemoveRange(Devices.Keys.Where(one => one.Host == gone.Name).ToArray()), Hosts.Remove(gone.Name), change.Position),
        FleetHostChange { Host: var host } => this with { Hosts = Hosts.SetItem(host.Name, host), Position = change.Position },
        _ => this with { Position = change.Position },
    };

    private ImmutableDictionary<(string Host, string DevPath), FleetDevice> Apply(FleetEvents events)
    {
        ImmutableDictionary<(string Host, string DevPath), FleetDevice>.Builder devices = Devices.ToBuilder();
        foreach (FleetEvent one in events.Events)
        {
            if (one.Event.OldDevPath is { } old)
                devices.Remove((one.Host, old));
            if (one.Event.Action == "remove")
                devices.Remove((one.Host, one.Event.Device.DevPath));
            else
                devices[(one.Host, one.Event.Device.DevPath)] = new FleetDevice(one.Host, FleetLine.WithoutAction(one.Event.Device));
        }
        return devices.ToImmutable();
    }
}
