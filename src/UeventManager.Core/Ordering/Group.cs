using UeventManager.Core.Settle;

namespace UeventManager.Core.Ordering;

/// <summary>A group that is forming: devices whose adds are complete and that are announced together, with their leader's event if there is one.</summary>
internal sealed class Group
{
    /// <summary>Most members that wait for each other; further ones are announced by themselves.</summary>
    public const int MaxMembers = 4096;

    public Group(Device leader, long firstUsec)
    {
        Leader = leader;
        FirstUsec = firstUsec;
        Deadline = new DueEntry<Group>(this);
    }

    public Device Leader { get; }

    /// <summary>Arrival of the first event that waits; the leader rule's timeout counts from it.</summary>
    public long FirstUsec { get; set; }

    public DueEntry<Group> Deadline { get; }

    /// <summary>The members that are complete, in the order in which they became so.</summary>
    public List<Device> Waiting { get; } = [];

    /// <summary>Where the links to members led at the leader's last look.</summary>
    public IReadOnlyList<string> Links { get; set; } = [];

    /// <summary>Whether the leader's own wait held at its last look.</summary>
    public bool LeaderHeld { get; set; }

    /// <summary>True once its deadline has passed: its members need not be complete any more.</summary>
    public bool IsLifted { get; set; }

    /// <summary>Changes whenever what was decided of it is void.</summary>
    public long Decision { get; set; }
}

/// <summary>What the events of one transaction have in common.</summary>
/// <param name="Id">Unique in one run of the daemon.</param>
/// <param name="Size">How many events it has, before filters.</param>
/// <param name="IsPartial">True if its deadline passed before everything was complete.</param>
public sealed record Transaction(long Id, int Size, bool IsPartial);
