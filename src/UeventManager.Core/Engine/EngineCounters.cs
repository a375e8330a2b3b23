namespace UeventManager.Core.Engine;

/// <summary>What happened since the start. Every event that is not delivered as it came is counted under a name.</summary>
public sealed class EngineCounters
{
    /// <summary>Uevents stepped.</summary>
    public long Received { get; internal set; }

    /// <summary>Of them, those of kobjects that are not devices.</summary>
    public long Kobjects { get; internal set; }

    /// <summary>Events given to the subscribers.</summary>
    public long Delivered { get; internal set; }

    /// <summary>Adds released after a look at which everything held.</summary>
    public long Settled { get; internal set; }

    /// <summary>Events that were folded into a waiting add.</summary>
    public long Folded { get; internal set; }

    /// <summary>Changes merged with a neighbour.</summary>
    public long Merged { get; internal set; }

    /// <summary>Devices that went before they were announced.</summary>
    public long Vanished { get; internal set; }

    /// <summary>Timeouts that held an event.</summary>
    public long Held { get; internal set; }

    /// <summary>Timeouts that dropped an event.</summary>
    public long Dropped { get; internal set; }

    /// <summary>Timeouts that delivered an event unsettled.</summary>
    public long DeliveredUnsettled { get; internal set; }

    /// <summary>Changes that another action of the device ended.</summary>
    public long ChangesEnded { get; internal set; }

    /// <summary>Changes whose look found another instance.</summary>
    public long ChangesOfOtherInstance { get; internal set; }

    /// <summary>Adds of announced devices, delivered as changes.</summary>
    public long RepeatedAdds { get; internal set; }

    /// <summary>Removes of devices that were not known.</summary>
    public long UnknownRemoves { get; internal set; }

    /// <summary>Removes older than the add of the device that is there now.</summary>
    public long StaleRemoves { get; internal set; }

    /// <summary>Other events that were overtaken: by their device's remove, or by the next one's add.</summary>
    public long StaleEvents { get; internal set; }

    /// <summary>Removes made up for devices whose own were lost.</summary>
    public long SyntheticRemoves { get; internal set; }

    /// <summary>Devices that came with what another was announced with: a name on a bus, a device number, an ifindex, a node.</summary>
    public long Conflicts { get; internal set; }

    /// <summary>Decisions that a move or an overrun voided.</summary>
    public long Voided { get; internal set; }

    /// <summary>Events by which <c>ueventctl retell</c> had udevd tell of a device again; our own subscribers know of it.</summary>
    public long Retold { get; internal set; }

    /// <summary>Looks made.</summary>
    public long Looks { get; internal set; }

    /// <summary>Looks given up at a deadline or because the device went.</summary>
    public long LooksAbandoned { get; internal set; }

    /// <summary>Looks that could not be made: no descriptor, no memory, no permission. They decided nothing and were made again.</summary>
    public long LooksFailed { get; internal set; }

    /// <summary>Scans of sysfs that could not read all of it, and were made again.</summary>
    public long ScansIncomplete { get; internal set; }

    /// <summary>Kernel overruns.</summary>
    public long Overruns { get; internal set; }

    /// <summary>Datagrams lost by them, as far as the kernel says.</summary>
    public long Lost { get; internal set; }

    /// <summary>Broadcasts of udevd.</summary>
    public long UdevTold { get; internal set; }

    /// <summary>Of them, those of events of devices that are not known, or not any more; removes aside.</summary>
    public long UdevUnmatched { get; internal set; }

    /// <summary>Messages in udevd's format that were a forwarder's, and not believed.</summary>
    public long UdevForwarded { get; internal set; }

    /// <summary>Times that broadcasts of udevd were lost.</summary>
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
