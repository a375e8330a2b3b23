using System.Text;
using UeventManager.Core.Rules;
using UeventManager.Core.Settle;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Ordering;

/// <summary>Where a device is in its life.</summary>
public enum DeviceState : byte
{
    /// <summary>Its add has arrived and is not released.</summary>
    Waiting,

    /// <summary>Its time was over; looked at now and then, announced late if it settles.</summary>
    Held,

    /// <summary>Its time was over; silent until its next add.</summary>
    Dropped,

    /// <summary>Subscribers know it.</summary>
    Announced,
}

/// <summary>One known device: its place, its state, what is pending, and what was last announced of it.</summary>
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

    /// <summary>Unique over the whole run.</summary>
    public long Id { get; internal init; }

    /// <summary>Small number, unique among the devices that exist now.</summary>
    public int Index { get; internal set; }

    /// <summary>The devpath as text.</summary>
    public string DevPath => _devPath ??= KernelText.Decode(Node.Path);

    /// <summary>Last component of the devpath.</summary>
    public string SysName => _sysName ??= KernelText.Decode(DevPaths.SysName(Node.Path));

    /// <summary>SUBSYSTEM.</summary>
    public string Subsystem { get; }

    /// <summary>Whether an event that names this subsystem may be of this device: a device is of one subsystem all its life.</summary>
    /// <param name="subsystem">SUBSYSTEM of the event; empty if it names none.</param>
    public bool MayBeOf(ReadOnlySpan<byte> subsystem)
    {
        if (subsystem.IsEmpty || Subsystem.Length == 0 || Ascii.Equals(subsystem, Subsystem))
            return true;
        var name = KernelText.Decode(subsystem);
        return name == Subsystem || name == AddSubsystem;
    }

    /// <summary>Where it is in its life. Set before anything else that subscribers see of it, also where it stays the same.</summary>
    public DeviceState State
    {
        get => _state;
        internal set
        {
            Tree?.StateChanges(this, value);
            _state = value;
        }
    }

    /// <summary>Its directory's identity as of the deciding look; unknown if nobody looked.</summary>
    public DeviceInstance Instance { get; internal set; }

    /// <summary>The properties last announced; while the add waits, those it would be announced with.</summary>
    public PropertyBuffer Properties { get; } = new();

    /// <summary>The properties without variables of one event, where that is not the same; else null.</summary>
    public PropertyBuffer? OwnProperties { get; internal set; }

    /// <summary>What else was last announced.</summary>
    public Findings Findings { get; internal set; } = Findings.None;

    /// <summary>
    /// True while a change of it is not delivered that has arrived, or is never, its time being over: then what was announced last may not be
    /// so any more.
    /// </summary>
    public bool HasUnfinishedChange => State == DeviceState.Announced && (DroppedChange is not null || Pending is { FollowUp: null, HasUnfinishedChange: true });

    /// <summary>What a change missed that was dropped at its timeout; null if none was since the last event.</summary>
    internal IReadOnlyList<string>? DroppedChange { get; set; }

    /// <summary>What is pending, or null: the common case costs nothing.</summary>
    public Pending? Pending { get; internal set; }

    // What is above it, as far as it was asked.
    internal Ancestry? Ancestry { get; set; }

    // The tree that it is in, or null.
    internal DeviceTree? Tree { get; set; }

    internal SubsystemRules Rules { get; set; }

    // SEQNUM of the event that its present life began with; of the newest add of it.
    internal long FirstSeqnum { get; set; }

    internal long AddSeqnum { get; set; }

    // SUBSYSTEM of that newest add, where it is not the first.
    internal string? AddSubsystem { get; set; }

    internal bool InTree { get; set; } = true;

    internal long CreatedOrder { get; set; }

    // The order in which it became known, or was last moved: since then it is where it is.
    internal long PlacedOrder { get; set; }

    internal long LastOrder { get; set; }

    internal long LastAddOrder { get; set; }

    internal long AnnouncedOrder { get; set; }

    // Where subscribers believe it to be while its move is not delivered; else null.
    internal byte[]? ToldPath
    {
        get;
        set
        {
            Tree?.ToldPathChanges(this);
            field = value;
        }
    }

    // The parent that its last delivered event named, as subscribers have it after the moves they were told; null if it named none.
    internal byte[]? ToldParent
    {
        get;
        set
        {
            Tree?.Changing?.Invoke(this);
            field = value;
        }
    }

    // It is being removed in this step: whatever else goes first, nothing announces it any more.
    internal bool IsLeaving { get; set; }

    internal List<Device>? Blocked { get; set; }

    internal Group? Group { get; set; }

    /// <summary>
    /// Where subscribers believe it to be: under the old name while its move, or that of a device above, is not delivered. Nobody but them
    /// needs it; the engine goes by <see cref="Node"/>.
    /// </summary>
    internal byte[] PlaceTold()
    {
        var path = Node.Path;
        for (var at = this; at is not null; at = at.Node.ParentDevice)
        {
            if (at.ToldPath is { } told)
                return at == this ? told : [.. told, .. path.AsSpan(at.Node.Path.Length)];
        }
        return path;
    }

    /// <summary>What is known of it is restored: nothing else is, but what it is and where.</summary>
    internal void BeginAnew(SubsystemRules rules)
    {
        Tree?.Changing?.Invoke(this);
        (ToldPath, ToldParent, OwnProperties, DroppedChange) = (null, null, null, null);
        (Pending, Ancestry, Rules, AddSubsystem, IsLeaving, Blocked, Group) = (null, null, rules, null, false, null, null);
    }

    internal void PathChanged() => (_devPath, _sysName) = (null, null);
}
