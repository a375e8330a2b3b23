namespace UeventManager.Fleet;

/// <summary>The states of a host.</summary>
public enum FleetHostState
{
    /// <summary>Its devices are as its daemon reports them now.</summary>
    Live,

    /// <summary>Its bridge runs but cannot reach its daemon: its devices are as of the last contact.</summary>
    DaemonAway,

    /// <summary>Its bridge ended in order: its devices are as of then.</summary>
    Stopped,

    /// <summary>No lease came for three beats: its devices are as of the last message.</summary>
    Stale,

    /// <summary>All messages of the host were purged: it is no longer part of the fleet, and its devices are not listed.</summary>
    Purged,
}

/// <summary>A host of the fleet.</summary>
/// <param name="Name">The host's name.</param>
/// <param name="State">The host's state.</param>
/// <param name="Lease">The bridge's last lease; null if there was none.</param>
/// <param name="LastSeen">The time of that lease, by the broker's clock.</param>
public sealed record FleetHost(string Name, FleetHostState State, FleetLease? Lease, DateTimeOffset? LastSeen);
