using UeventManager.Client;

namespace UeventManager.Fleet;

/// <summary>One item of <see cref="FleetClient.SubscribeAsync"/>.</summary>
public abstract record FleetChange
{
    private protected FleetChange()
    {
    }

    /// <summary>The place in the stream at which a subscription continues after this item (<see cref="FleetSubscribeOptions.After"/>).</summary>
    public FleetPosition Position { get; init; }
}

/// <summary>The whole state: it replaces everything known before.</summary>
/// <param name="Devices">All selected devices of all hosts.</param>
/// <param name="Hosts">All selected hosts, including those without a selected device.</param>
public sealed record FleetState(IReadOnlyList<FleetDevice> Devices, IReadOnlyList<FleetHost> Hosts) : FleetChange;

/// <summary>The events of one host, in order. Events that its daemon announced together come in one item.</summary>
/// <param name="Host">The host's name.</param>
/// <param name="Events">At least one event.</param>
public sealed record FleetEvents(string Host, IReadOnlyList<FleetEvent> Events) : FleetChange;

/// <summary>Events of a host were lost, or may have been. The known devices are right nevertheless: the differences follow as events.</summary>
/// <param name="Host">The host's name.</param>
/// <param name="Gap">The reason: the daemon's own, <c>noCursor</c> (the bridge found no place in the stream to continue from), <c>superseded</c> (the
/// stream keeps only so many messages of a device, and they were read too late), or <c>brokerLost</c> (the stream is not the one read before: the
/// broker lost its newest messages, or it was created anew; a <see cref="FleetState"/> follows).</param>
public sealed record FleetGap(string Host, UeventGap Gap) : FleetChange;

/// <summary>The state of a host changed, a host appeared for the first time, or all messages of a host were purged.</summary>
/// <param name="Host">The host now.</param>
public sealed record FleetHostChange(FleetHost Host) : FleetChange;
