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

    /// <summary>The action that subscribers see.</summary>
    public UeventAction Action { get; internal set; }

    /// <summary>Its properties.</summary>
    public PropertyBuffer Properties { get; } = new();

    /// <summary>SEQNUM; 0 for synthetic events of the engine.</summary>
    public long Seqnum { get; internal set; }

    /// <summary>True for events of the engine, and for uevents with a SYNTH_UUID.</summary>
    public bool Synthetic { get; internal set; }

    /// <summary>Arrival, CLOCK_MONOTONIC microseconds.</summary>
    public long ArrivedUsec { get; internal set; }

    /// <summary>The former devpath of a move; empty for all else.</summary>
    public ReadOnlyMemory<byte> OldDevPath { get; internal set; }

    /// <summary>The findings of the deciding look, or the device's earlier findings.</summary>
    public Findings Findings { get; internal set; } = Findings.None;

    /// <summary>True if the event changes attached attributes: <see cref="AttributesBefore"/> then has the values delivered before.</summary>
    public bool ChangesAttributes { get; private set; }

    /// <summary>The attributes delivered before; null if there were none.</summary>
    public IReadOnlyList<KeyValuePair<string, string>>? AttributesBefore { get; private set; }

    /// <summary>The devpath as of the release.</summary>
    public ReadOnlyMemory<byte> Path { get; internal set; }

    /// <summary>The devpath of the nearest known device above, as of the release; empty if there is none.</summary>
    public ReadOnlyMemory<byte> ParentPath { get; internal set; }

    /// <summary>For a move, the previous <see cref="ParentPath"/>; empty if there was none.</summary>
    public ReadOnlyMemory<byte> OldParentPath { get; internal set; }

    /// <summary>For a move, the announced descendants, whose devpaths change with it; or null.</summary>
    public IReadOnlyList<CarriedDevice>? Carried { get; internal set; }

    /// <summary>True if there are more than <see cref="CarriedDevice.Most"/> such devices: they are then not listed.</summary>
    public bool CarriesTooMany { get; internal set; }

    /// <summary>SUBSYSTEM; empty if the kernel sent none.</summary>
    public string Subsystem { get; internal set; } = "";

    /// <summary>The transaction that the event belongs to, or null.</summary>
    public Transaction? Transaction { get; internal set; }

    /// <summary>True for the last event of a transaction.</summary>
    public bool EndsTransaction { get; internal set; }

    /// <summary>The device's properties without the variables of this event, if the event has such variables; else null.</summary>
    public PropertyBuffer? Own => _hasOwn ? _own : null;

    /// <summary>The same before the event, if the event changed them; else null.</summary>
    public PropertyBuffer? Before => _hasBefore ? _before : null;

    internal long Wakeup { get; set; }

    // A synthetic change of a leader whose members were removed.
    internal bool IsLeaderChange { get; set; }

    // A kernel change that reports removed members too: if it ends undelivered, a synthetic change is queued again.
    internal bool CoversLeaderChange { get; set; }

    // True if the event waits only for one look, not for conditions, so that it reports the present state (G11).
    internal bool IsPicture { get; set; }

    // True if events may have been lost: the event is delivered only if its look finds something else than was delivered before.
    internal bool IsRefresh { get; set; }

    // True if the event was completed without a look.
    internal bool IsUnseen { get; set; }

    internal byte[]? File { get; set; }

    // The event that udev must have processed, if the rule asks udev.
    internal UdevMark Udev { get; set; }

    internal bool LeadsGroup { get; set; }

    internal long Order { get; set; }

    internal long DeadlineUsec { get; set; } = long.MaxValue;

    // The instance whose uevent file a scan or a look read into the properties; unknown if they come from a datagram.
    internal DeviceInstance FileOf { get; set; }

    internal bool FromFile => FileOf.IsKnown;

    internal bool TimedOut { get; set; }

    internal bool Complete { get; set; }

    /// <summary>Lays the device's uevent file over the properties: the look is newer than the datagram.</summary>
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
        (Seqnum, Synthetic, OldDevPath) = (0, false, default);
        (Path, ParentPath, OldParentPath, Subsystem) = (default, default, default, "");
        (Carried, CarriesTooMany) = (null, false);
        (Transaction, EndsTransaction, IsLeaderChange, CoversLeaderChange, LeadsGroup, File) = (null, false, false, false, false, null);
        (IsPicture, IsRefresh, IsUnseen, Udev) = (false, false, false, default);
        (Findings, DeadlineUsec, TimedOut, Complete, FileOf) = (Findings.None, long.MaxValue, false, false, default);
    }
}
