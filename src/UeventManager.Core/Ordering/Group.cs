using UeventManager.Core.Settle;

namespace UeventManager.Core.Ordering;

/// <summary>A group that is forming: devices with complete adds that are announced together, with their leader's event if there is one.</summary>
internal sealed class Group
{
    /// <summary>The most members that wait for each other; further members are announced on their own.</summary>
    public const int MaxMembers = 4096;

    public Group(Device leader, long firstUsec)
    {
        Leader = leader;
        FirstUsec = firstUsec;
        Deadline = new DueEntry<Group>(this);
    }

    public Device Leader { get; }

    /// <summary>Arrival of the first waiting event; the timeout of the leader's rule counts from it.</summary>
    public long FirstUsec { get; set; }

    public DueEntry<Group> Deadline { get; }

    /// <summary>The complete members, in the order in which they became complete.</summary>
    public List<Device> Waiting { get; } = [];

    /// <summary>The targets of the member links at the leader's last look.</summary>
    public IReadOnlyList<string> Links { get; set; } = [];

    /// <summary>Whether the leader's own conditions held at its last look.</summary>
    public bool LeaderHeld { get; set; }

    /// <summary>True once the group's deadline has passed: members need not be complete any more.</summary>
    public bool IsLifted { get; set; }

    /// <summary>Changes whenever a decision about the group becomes void.</summary>
    public long Decision { get; set; }
}

/// <summary>The common data of the events in one transaction.</summary>
/// <param name="Id">Unique in one run of the daemon.</param>
/// <param name="Size">The number of events, before filters.</param>
/// <param name="IsPartial">True if the deadline passed before every member was complete.</param>
public sealed record Transaction(long Id, int Size, bool IsPartial);
