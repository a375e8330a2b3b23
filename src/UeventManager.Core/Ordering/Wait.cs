using UeventManager.Core.Rules;
using UeventManager.Core.Settle;

namespace UeventManager.Core.Ordering;

/// <summary>Everything pending for one device. Exists only while something is.</summary>
public sealed class Wait
{
    internal Wait(Device device)
    {
        NextLook = new DueEntry(device);
        Deadline = new DueEntry(device);
    }

    /// <summary>The events that are not released yet, oldest first. While an add waits it is the only one.</summary>
    public IReadOnlyList<PendingEvent> Events => Queue;

    /// <summary>The rule in force at the last look, or null.</summary>
    public BoundRule? Rule { get; internal set; }

    /// <summary>What the last look saw, one for each item of <see cref="Rule"/>.</summary>
    public ItemState[] Items { get; internal set; } = [];

    /// <summary>The rule that the look under way found in force, as far as it is known.</summary>
    public BoundRule? LookingAt => InFlight?.Rule;

    /// <summary>True while a look at the device is not answered in full.</summary>
    public bool IsLooking => InFlight is not null;

    internal List<PendingEvent> Queue { get; } = [];

    internal DueEntry NextLook { get; }

    internal DueEntry Deadline { get; }

    internal Look? InFlight { get; set; }

    // Whether the last look was at a change of a device that is announced.
    internal bool IsOfChange { get; set; }

    // When the last look began that was answered in full.
    internal long LookedUsec { get; set; }

    internal bool LookAgain { get; set; }

    internal StableMemory[] Stable { get; set; } = [];

    internal DeviceInstance LastSeen { get; set; }

    // The one that the add is for, if it was there when it was first looked at.
    internal DeviceInstance FirstSeen { get; set; }

    internal bool Gone { get; set; }

    internal string? FileText { get; set; }

    // What the newest datagram said, where the decided look's file was laid over it: it may be another instance's.
    internal byte[]? Bare { get; set; }

    // The deciding look asked for the uevent file.
    internal bool WithFile { get; set; }

    internal bool ByHand { get; set; }

    internal bool Decided { get; set; }

    internal long Decision { get; set; }

    // Complete, but another is announced with what this one needs for itself; the deadline is the conflict's.
    internal bool InConflict { get; set; }

    // With whom, by its number: each is told and looked at once.
    internal long ConflictWith { get; set; }

    internal Device? BlockedBy { get; set; }

    // What the history says of the last look that saw something else.
    internal BoundRule? NotedRule { get; set; }

    internal long NotedHeld { get; set; }

    internal FollowUp? FollowUp { get; set; }

    internal Group? MemberOf { get; set; }
}

/// <summary>The optional items that were missing when an event was delivered, and until when they are looked for.</summary>
/// <param name="Rule">The delivering rule.</param>
/// <param name="Missing">Whether each item is still looked for.</param>
/// <param name="ArrivedUsec">Arrival of the delivered event.</param>
/// <param name="DeadlineUsec">The delivering rule's timeout.</param>
internal sealed record FollowUp(BoundRule Rule, bool[] Missing, long ArrivedUsec, long DeadlineUsec);
