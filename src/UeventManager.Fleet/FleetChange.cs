using UeventManager.Client;

namespace UeventManager.Fleet;

/// <summary>One item of <see cref="FleetClient.SubscribeAsync"/>.</summary>
public abstract record FleetChange
{
    private protected FleetChange()
    {
    }

    /// <summary>Where in the stream a subscription goes on after this item (<see cref="FleetSubscribeOptions.After"/>).</summary>
    public ulong Sequence { get; init; }
}

/// <summary>The whole state: what was known before counts no longer.</summary>
/// <param name="Devices">All devices that are wanted, of all hosts.</param>
/// <param name="Hosts">All hosts that are wanted, those without such a device too.</param>
public sealed record FleetState(IReadOnlyList<FleetDevice> Devices, IReadOnlyList<FleetHost> Hosts) : FleetChange;

/// <summary>What happened on one host, in order. What its daemon announced together comes together.</summary>
/// <param name="Host">The host's name.</param>
/// <param name="Events">At least one.</param>
public sealed record FleetEvents(string Host, IReadOnlyList<FleetEvent> Events) : FleetChange;

/// <summary>Events of a host were lost, or may have been. What is known of its devices is right all the same: the differences are events that follow.</summary>
/// <param name="Host">The host's name.</param>
/// <param name="Gap">
/// Why: what its daemon says, <c>noCursor</c> (its bridge found no place in the stream to go on from), <c>superseded</c> (the stream keeps no more
/// messages of a device than it was told to, and they were read too late), or <c>brokerLost</c> (the stream is not the one that was read before: the
/// broker lost its newest messages, or it was made anew; a <see cref="FleetState"/> follows).
/// </param>
public sealed record FleetGap(string Host, UeventGap Gap) : FleetChange;

/// <summary>A host is heard of for the first time, is not heard of any more, or again.</summary>
/// <param name="Host">The host as it is now.</param>
public sealed record FleetHostChange(FleetHost Host) : FleetChange;
