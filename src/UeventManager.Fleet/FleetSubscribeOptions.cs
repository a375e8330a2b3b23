using UeventManager.Client;

namespace UeventManager.Fleet;

/// <summary>Which part of the fleet to see, and from where on.</summary>
public sealed record FleetSubscribeOptions
{
    /// <summary>Globs for names of hosts, as alternatives; a leading <c>!</c> negates. Null for all.</summary>
    public IReadOnlyList<string>? Hosts { get; init; }

    /// <summary>Which devices; null for all. It means what it means for one host.</summary>
    public DeviceFilter? Filter { get; init; }

    /// <summary>
    /// Where to go on: the <see cref="FleetChange.Sequence"/> of the last item that was seen. Null for the state first. A filter that looks at devices
    /// above others, or that devices enter and leave, knows only those that were heard of since.
    /// </summary>
    public ulong? After { get; init; }

    /// <summary>Told when the connection to the broker is lost, for a log.</summary>
    public Action<Exception>? Reconnecting { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
