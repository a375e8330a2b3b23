using System.Text;
using UeventManager.Core.Settle;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Ordering;

/// <summary>An event between its arrival and its release. Pooled: valid until the step after its release.</summary>
public sealed class PendingEvent
{
    private readonly PropertyBuffer _before = new();
    private readonly PropertyBuffer _own = new();
    private bool _hasBefore;
    private bool _hasOwn;

    /// <summary>What subscribers will see.</summary>
    public UeventAction Action { get; internal set; }

    /// <summary>Its properties.</summary>
    public PropertyBuffer Properties { get; } = new();

    /// <summary>SEQNUM; 0 for events of ours.</summary>
    public long Seqnum { get; internal set; }

    /// <summary>Ours, or one with a SYNTH_UUID.</summary>
    public bool Synthetic { get; internal set; }

    /// <summary>Arrival, CLOCK_MONOTONIC microseconds.</summary>
    public long ArrivedUsec { get; internal set; }

    /// <summary>The former devpath of a move.</summary>
    public string? OldDevPath { get; internal set; }

    /// <summary>What the deciding look found, or what the device already had.</summary>
    public Findings Findings { get; internal set; } = Findings.None;

    /// <summary>True if it changes what is attached: then <see cref="AttributesBefore"/> is what was told before.</summary>
    public bool ChangesAttributes { get; private set; }

    /// <summary>The attributes told before; null if there were none.</summary>
    public IReadOnlyList<KeyValuePair<string, string>>? AttributesBefore { get; private set; }

    /// <summary>The devpath as of the release.</summary>
    public ReadOnlyMemory<byte> Path { get; internal set; }

    /// <summary>The devpath of the nearest known device above, as of the release; empty if there is none.</summary>
    public ReadOnlyMemory<byte> ParentPath { get; internal set; }

    /// <summary>Of a move, what <see cref="ParentPath"/> was before; empty if there was none.</summary>
    public ReadOnlyMemory<byte> OldParentPath { get; internal set; }

    /// <summary>Of a move, the devices below that subscribers know and that have another devpath by it, or null.</summary>
    public IReadOnlyList<CarriedDevice>? Carried { get; internal set; }

    /// <summary>True if those are more than <see cref="CarriedDevice.Most"/>: then they are not listed.</summary>
    public bool CarriesTooMany { get; internal set; }

    /// <summary>SUBSYSTEM; empty if the kernel named none.</summary>
    public string Subsystem { get; internal set; } = "";

    /// <summary>The transaction that it went out in, or null.</summary>
    public Transaction? Transaction { get; internal set; }

    /// <summary>True for the last event of a transaction.</summary>
    public bool EndsTransaction { get; internal set; }

    /// <summary>Its device's properties without variables of one event, where they are not its own; else null.</summary>
    public PropertyBuffer? Own => _hasOwn ? _own : null;

    /// <summary>The same before the event, where it has changed them; else null.</summary>
    public PropertyBuffer? Before => _hasBefore ? _before : null;

    internal long Wakeup { get; set; }

    // Ours, for a leader whose members went.
    internal bool IsLeaderChange { get; set; }

    // The kernel's, that tells the same: if it is ended before it is told, one of ours is queued again.
    internal bool CoversLeaderChange { get; set; }

    // It waits for a look and for no condition: it tells what is there (G11).
    internal bool IsPicture { get; set; }

    // Nobody has looked at its device for it.
    internal bool IsUnseen { get; set; }

    internal byte[]? File { get; set; }

    // What udev must be done with, if it is asked.
    internal UdevMark Udev { get; set; }

    internal bool LeadsGroup { get; set; }

    internal long Order { get; set; }

    internal long DeadlineUsec { get; set; } = long.MaxValue;

    // Whose uevent file its properties are, where a scan or a look has read them; unknown if they are a datagram's.
    internal DeviceInstance FileOf { get; set; }

    internal bool FromFile => FileOf.IsKnown;

    internal bool TimedOut { get; set; }

    internal bool Complete { get; set; }

    /// <summary>Lays the device's uevent file over the properties: what a look has read is newer than a datagram.</summary>
    internal void Overlay(UeventText file)
    {
        File = Encoding.UTF8.GetBytes(file.Lines);
        Properties.OverlayFile(File);
        if (file.IsWhole)
            Properties.DropUnless(File, "DRIVER="u8);
    }

    internal void KeepOwn(PropertyBuffer? own)
    {
        _hasOwn = own is not null;
        if (own is not null)
            _own.CopyFrom(own);
    }

    internal void KeepBefore(PropertyBuffer before)
    {
        _before.CopyFrom(before);
        _hasBefore = true;
    }

    internal void KeepAttributesBefore(IReadOnlyList<KeyValuePair<string, string>>? before)
    {
        ChangesAttributes = !ReferenceEquals(before, Findings.Attributes) && !(before ?? []).SequenceEqual(Findings.Attributes ?? []);
        AttributesBefore = ChangesAttributes ? before : null;
    }

    internal void DropBefore() => _hasBefore = false;

    internal void Clear()
    {
        (_hasBefore, _hasOwn, ChangesAttributes, AttributesBefore) = (false, false, false, null);
        (Seqnum, Synthetic, OldDevPath) = (0, false, null);
        (Path, ParentPath, OldParentPath, Subsystem) = (default, default, default, "");
        (Carried, CarriesTooMany) = (null, false);
        (Transaction, EndsTransaction, IsLeaderChange, CoversLeaderChange, LeadsGroup, File) = (null, false, false, false, false, null);
        (IsPicture, IsUnseen, Udev) = (false, false, default);
        (Findings, DeadlineUsec, TimedOut, Complete, FileOf) = (Findings.None, long.MaxValue, false, false, default);
    }
}
