namespace UeventManager.Fleet;

/// <summary>How a host is.</summary>
public enum FleetHostState
{
    /// <summary>Its state is what its daemon says now.</summary>
    Live,

    /// <summary>Its bridge runs and cannot reach its daemon: its state is of when it could.</summary>
    DaemonAway,

    /// <summary>Its bridge has ended in order: its state is of then.</summary>
    Stopped,

    /// <summary>Nothing was heard of it for three beats: its state is of before that.</summary>
    Stale,
}

/// <summary>A host of the fleet.</summary>
/// <param name="Name">Its name.</param>
/// <param name="State">How it is.</param>
/// <param name="Lease">What its bridge said last; null if nothing is known of one.</param>
/// <param name="LastSeen">When it said so, by the broker's clock.</param>
public sealed record FleetHost(string Name, FleetHostState State, FleetLease? Lease, DateTimeOffset? LastSeen);
