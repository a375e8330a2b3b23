namespace UeventManager.Core.Engine;

/// <summary>Counters since the start. Every event that is not delivered unchanged is counted under a name.</summary>
public sealed class EngineCounters
{
    /// <summary>Uevents stepped.</summary>
    public long Received { get; internal set; }

    /// <summary>Uevents of kobjects that are not devices (part of <see cref="Received"/>).</summary>
    public long Kobjects { get; internal set; }

    /// <summary>Events delivered to subscribers.</summary>
    public long Delivered { get; internal set; }

    /// <summary>Adds released after a look at which every condition held.</summary>
    public long Settled { get; internal set; }

    /// <summary>Events that were folded into a waiting add.</summary>
    public long Folded { get; internal set; }

    /// <summary>Changes merged with a neighbour.</summary>
    public long Merged { get; internal set; }

    /// <summary>Devices that were removed before they were announced.</summary>
    public long Vanished { get; internal set; }

    /// <summary>Timeouts that held an event.</summary>
    public long Held { get; internal set; }

    /// <summary>Timeouts that dropped an event.</summary>
    public long Dropped { get; internal set; }

    /// <summary>Timeouts that delivered an event unsettled.</summary>
    public long DeliveredUnsettled { get; internal set; }

    /// <summary>Waiting changes that another action of the device ended.</summary>
    public long ChangesEnded { get; internal set; }

    /// <summary>Changes whose look found another instance at the path.</summary>
    public long ChangesOfOtherInstance { get; internal set; }

    /// <summary>Adds of announced devices, delivered as changes.</summary>
    public long RepeatedAdds { get; internal set; }

    /// <summary>Removes of unknown devices.</summary>
    public long UnknownRemoves { get; internal set; }

    /// <summary>Removes older than the add of the device that now has the path.</summary>
    public long StaleRemoves { get; internal set; }

    /// <summary>Other stale events: the device's remove, or the add of the next instance, overtook them.</summary>
    public long StaleEvents { get; internal set; }

    /// <summary>Synthetic removes of devices whose own removes were lost.</summary>
    public long SyntheticRemoves { get; internal set; }

    /// <summary>Devices that arrived with a key of an announced device: a name on a bus, a device number, an ifindex, a node.</summary>
    public long Conflicts { get; internal set; }

    /// <summary>Decisions that a move or an overrun voided.</summary>
    public long Voided { get; internal set; }

    /// <summary>Events that <c>ueventctl retell</c> triggered for udevd; they are not delivered, because our subscribers know the device.</summary>
    public long Retold { get; internal set; }

    /// <summary>Looks made.</summary>
    public long Looks { get; internal set; }

    /// <summary>Looks given up at a deadline or because the device was removed.</summary>
    public long LooksAbandoned { get; internal set; }

    /// <summary>Looks that failed: no descriptor, no memory, no permission. They decided nothing and were repeated.</summary>
    public long LooksFailed { get; internal set; }

    /// <summary>Scans that could not read all of sysfs and were repeated.</summary>
    public long ScansIncomplete { get; internal set; }

    /// <summary>Kernel overruns.</summary>
    public long Overruns { get; internal set; }

    /// <summary>Datagrams lost in overruns, as far as the kernel says.</summary>
    public long Lost { get; internal set; }

    /// <summary>Broadcasts of udevd.</summary>
    public long UdevTold { get; internal set; }

    /// <summary>Broadcasts (part of <see cref="UdevTold"/>) for events of devices that are unknown or already removed, except removes.</summary>
    public long UdevUnmatched { get; internal set; }

    /// <summary>Messages in udevd's format that came from a forwarder and were ignored.</summary>
    public long UdevForwarded { get; internal set; }

    /// <summary>How often broadcasts of udevd were lost.</summary>
    public long UdevOverruns { get; internal set; }

    /// <summary>Names and values, as in <c>Status</c>.</summary>
    public IEnumerable<KeyValuePair<string, long>> All() =>
    [
        new("received", Received),
        new("kobjects", Kobjects),
        new("delivered", Delivered),
        new("settled", Settled),
        new("folded", Folded),
        new("merged", Merged),
        new("vanished", Vanished),
        new("held", Held),
        new("dropped", Dropped),
        new("deliveredUnsettled", DeliveredUnsettled),
        new("changesEnded", ChangesEnded),
        new("changesOfOtherInstance", ChangesOfOtherInstance),
        new("repeatedAdds", RepeatedAdds),
        new("unknownRemoves", UnknownRemoves),
        new("staleRemoves", StaleRemoves),
        new("staleEvents", StaleEvents),
        new("syntheticRemoves", SyntheticRemoves),
        new("conflicts", Conflicts),
        new("voided", Voided),
        new("retold", Retold),
        new("looks", Looks),
        new("looksAbandoned", LooksAbandoned),
        new("looksFailed", LooksFailed),
        new("scansIncomplete", ScansIncomplete),
        new("overruns", Overruns),
        new("lost", Lost),
        new("udevTold", UdevTold),
        new("udevUnmatched", UdevUnmatched),
        new("udevForwarded", UdevForwarded),
        new("udevOverruns", UdevOverruns),
    ];
}
