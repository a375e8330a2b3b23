using System.Text;
using UeventManager.Core.Rules;
using UeventManager.Core.Settle;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Ordering;

/// <summary>The states in a device's life.</summary>
public enum DeviceState : byte
{
    /// <summary>Its add has arrived and is not released.</summary>
    Waiting,

    /// <summary>It reached its timeout; looks go on at long intervals, and it is announced late if it settles.</summary>
    Held,

    /// <summary>It reached its timeout; nothing is delivered until its next add.</summary>
    Dropped,

    /// <summary>Subscribers know it.</summary>
    Announced,
}

/// <summary>One known device: its place, its state, its pending events, and its last announced properties.</summary>
public sealed class Device
{
    private DeviceState _state;
    private string? _devPath;
    private string? _sysName;

    internal Device(string subsystem, SubsystemRules rules)
    {
        Subsystem = subsystem;
        Rules = rules;
    }

    /// <summary>Its place in the tree.</summary>
    public DeviceNode Node { get; internal set; } = null!;

    /// <summary>Unique in the whole run.</summary>
    public long Id { get; internal init; }

    /// <summary>Small number, unique among the devices that exist now.</summary>
    public int Index { get; internal set; }

    /// <summary>The devpath as text.</summary>
    public string DevPath => _devPath ??= KernelText.Decode(Node.Path);

    /// <summary>Last component of the devpath.</summary>
    public string SysName => _sysName ??= KernelText.Decode(DevPaths.SysName(Node.Path));

    /// <summary>SUBSYSTEM.</summary>
    public string Subsystem { get; }

    /// <summary>Whether an event that names this subsystem may belong to this device: a device never changes its subsystem.</summary>
    /// <param name="subsystem">SUBSYSTEM of the event; empty if the event has none.</param>
    public bool MayBeOf(ReadOnlySpan<byte> subsystem)
    {
        if (subsystem.IsEmpty || Subsystem.Length == 0 || Ascii.Equals(subsystem, Subsystem))
            return true;
        var name = KernelText.Decode(subsystem);
        return name == Subsystem || name == AddSubsystem;
    }

    /// <summary>The state. Set before everything else that subscribers see, also if it stays the same.</summary>
    public DeviceState State
    {
        get => _state;
        internal set
        {
            Tree?.StateChanges(this, value);
            _state = value;
        }
    }

    /// <summary>The identity of its directory at the deciding look; unknown if there was no look.</summary>
    public DeviceInstance Instance { get; internal set; }

    /// <summary>The properties last announced; while the add waits, the properties that the add would be announced with.</summary>
    public PropertyBuffer Properties { get; } = new();

    /// <summary>The properties without the variables of a single event, if these differ from <see cref="Properties"/>; else null.</summary>
    public PropertyBuffer? OwnProperties { get; internal set; }

    /// <summary>The findings last announced.</summary>
    public Findings Findings { get; internal set; } = Findings.None;

    /// <summary>
    /// True while an event of the announced device is not delivered, or if a change was dropped at its timeout: what was announced may then be outdated.
    /// </summary>
    public bool HasUnfinishedChange => HasUnfinishedAt(long.MaxValue);

    /// <summary>
    /// The same for a call that began at a time. Later events do not count unless they lack something; otherwise nobody could wait for a device with an
    /// event at every moment.
    /// </summary>
    internal bool HasUnfinishedAt(long askedUsec) =>
        State == DeviceState.Announced && (DroppedChange is not null || (Pending is { FollowUp: null } pending && pending.HasUndelivered(askedUsec)));

    /// <summary>The missing conditions of a change that was dropped at its timeout; null if none was dropped since the last event.</summary>
    internal IReadOnlyList<string>? DroppedChange { get; set; }

    /// <summary>The pending events, or null in the common case, which then costs nothing.</summary>
    public Pending? Pending { get; internal set; }

    // The ancestors, as far as a filter has asked for them.
    internal Ancestry? Ancestry { get; set; }

    // The tree that contains the device, or null.
    internal DeviceTree? Tree { get; set; }

    internal SubsystemRules Rules { get; set; }

    // SEQNUM of the event that began the present life, and of its newest add.
    internal long FirstSeqnum { get; set; }

    internal long AddSeqnum { get; set; }

    // SUBSYSTEM of the newest add, if it is not the first add.
    internal string? AddSubsystem { get; set; }

    internal bool InTree { get; set; } = true;

    internal long CreatedOrder { get; set; }

    // The order of its first event or its last move: it has been at its place since then.
    internal long PlacedOrder { get; set; }

    internal long LastOrder { get; set; }

    internal long LastAddOrder { get; set; }

    internal long AnnouncedOrder { get; set; }

    // The place that subscribers know while the device's move is not delivered; else null.
    internal byte[]? DeliveredPath
    {
        get;
        set
        {
            Tree?.DeliveredPathChanges(this);
            field = value;
        }
    }

    // The parent in its last delivered event, updated by later delivered moves; null if that event had none.
    internal byte[]? DeliveredParent
    {
        get;
        set
        {
            Tree?.Changing?.Invoke(this);
            field = value;
        }
    }

    // True while this step removes the device: nothing may announce it any more.
    internal bool IsLeaving { get; set; }

    internal List<Device>? Blocked { get; set; }

    internal Group? Group { get; set; }

    /// <summary>
    /// The place that subscribers know: the old name until the device's move, or an ancestor's, is delivered. The engine itself uses
    /// <see cref="Node"/>.
    /// </summary>
    internal byte[] DeliveredPlace()
    {
        var path = Node.Path;
        for (var at = this; at is not null; at = at.Node.ParentDevice)
        {
            if (at.DeliveredPath is { } told)
                return at == this ? told : [.. told, .. path.AsSpan(at.Node.Path.Length)];
        }
        return path;
    }

    /// <summary>Clears the device before a hand-over is restored; only its identity and its place stay.</summary>
    internal void BeginAnew(SubsystemRules rules)
    {
        Tree?.Changing?.Invoke(this);
        (DeliveredPath, DeliveredParent, OwnProperties, DroppedChange) = (null, null, null, null);
        (Pending, Ancestry, Rules, AddSubsystem, IsLeaving, Blocked, Group) = (null, null, rules, null, false, null, null);
    }

    internal void PathChanged() => (_devPath, _sysName) = (null, null);
}
