using UeventManager.Client;

namespace UeventManager.Fleet;

/// <summary>Selects a part of the fleet, and the place in the stream to begin at.</summary>
public sealed record FleetSubscribeOptions
{
    /// <summary>Globs for host names, as alternatives; a leading <c>!</c> negates. Empty for all hosts.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>Selects devices, with the same meaning as for one host; null for all.</summary>
    public DeviceFilter? Filter { get; init; }

    /// <summary>
    /// The place to continue at: the <see cref="FleetChange.Position"/> of the last item that was taken. Null to read the state first. When a
    /// subscription continues, a filter that depends on ancestors, or that devices begin or cease to match, knows only the devices with messages
    /// since then.
    /// </summary>
    public FleetPosition? After { get; init; }

    /// <summary>Called when the connection to the broker is lost, for a log.</summary>
    public Action<Exception>? Reconnecting { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
