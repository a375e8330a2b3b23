using UeventManager.Core.Rules;
using UeventManager.Core.Settle;

namespace UeventManager.Core.Ordering;

/// <summary>Everything pending for one device. Exists only while something is. Pooled: valid until the step after its end.</summary>
public sealed class Wait
{
    private ItemState[] _items = [];

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

    // The same of the last one that is remembered with its device.
    internal long RememberedUsec { get; set; }

    internal bool LookAgain { get; set; }

    internal StableMemory[] Stable { get; set; } = [];

    internal DeviceInstance LastSeen { get; set; }

    // The one that the add is for, if it was there when it was first looked at.
    internal DeviceInstance FirstSeen { get; set; }

    internal bool Gone { get; set; }

    // Why the last look could not be made, and since when none could; 0 if it was made.
    internal int LookErrno { get; set; }

    internal long BlindSinceUsec { get; set; }

    internal string? FileText { get; set; }

    // What the newest datagram said, where the decided look's file was laid over it: it may be another instance's.
    internal byte[]? Bare { get; set; }

    // The deciding look asked for the uevent file.
    internal bool WithFile { get; set; }

    internal bool ByHand { get; set; }

    internal bool Decided { get; set; }

    // Never the same again, whoever it is used for next: what is to be drained refers to one decision.
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

    /// <summary>Puts a rule in force of which no look has said anything yet.</summary>
    internal void Begin(BoundRule rule)
    {
        Rule = rule;
        if (_items.Length == rule.Items.Count)
            Array.Clear(_items);
        else
            _items = new ItemState[rule.Items.Count];
        Items = _items;
    }

    /// <summary>Makes it another device's, of which nothing is known.</summary>
    internal void Renew(Device device)
    {
        Queue.Clear();
        NextLook.Owner = Deadline.Owner = device;
        (Rule, Items, Stable) = (null, [], []);
        (InFlight, IsOfChange, LookedUsec, RememberedUsec, LookAgain) = (null, false, 0, 0, false);
        (LastSeen, FirstSeen, Gone, LookErrno, BlindSinceUsec) = (default, default, false, 0, 0);
        (FileText, Bare, WithFile, ByHand, Decided) = (null, null, false, false, false);
        (InConflict, ConflictWith, BlockedBy) = (false, 0, null);
        (NotedRule, NotedHeld, FollowUp, MemberOf) = (null, 0, null, null);
    }
}

/// <summary>The optional items that were missing when an event was delivered, and until when they are looked for.</summary>
/// <param name="Rule">The delivering rule.</param>
/// <param name="Missing">Whether each item is still looked for.</param>
/// <param name="ArrivedUsec">Arrival of the delivered event.</param>
/// <param name="DeadlineUsec">The delivering rule's timeout.</param>
internal sealed record FollowUp(BoundRule Rule, bool[] Missing, long ArrivedUsec, long DeadlineUsec);
