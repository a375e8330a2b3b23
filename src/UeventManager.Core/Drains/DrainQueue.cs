using UeventManager.Core.Ordering;

namespace UeventManager.Core.Drains;

/// <summary>
/// Results of looks (decided adds, ready groups, instances seen), in the order of the looks. A result takes effect only after all events have been
/// stepped that could have been queued in the socket when its look ended.
/// </summary>
internal sealed class DrainQueue
{
    private readonly Queue<DrainEntry> _entries = new();

    /// <summary>The number of ended looks; the input <c>Drained</c> refers to it.</summary>
    public long EndedLooks { get; private set; }

    /// <summary>True if no result waits.</summary>
    public bool IsEmpty => _entries.Count == 0;

    /// <summary>True if every result up to this number of ended looks is drained.</summary>
    public bool IsDrained(long endedLooks) => !_entries.TryPeek(out var oldest) || oldest.EndedLooks > endedLooks;

    /// <summary>Counts an ended look, or something that counts as one.</summary>
    public void EndLook() => EndedLooks++;

    /// <summary>Queues a decided add.</summary>
    public void Add(Pending pending, PendingAdd add) => _entries.Enqueue(new DrainEntry(EndedLooks, add.Decision) { Pending = pending });

    /// <summary>Queues a group that is ready without an event of its leader.</summary>
    public void Add(Group group) => _entries.Enqueue(new DrainEntry(EndedLooks, group.Decision) { Group = group });

    /// <summary>Queues the instance that was seen at a device's path, or that none was.</summary>
    public void Add(InstanceSeen seen) => _entries.Enqueue(new DrainEntry(EndedLooks, 0) { Seen = seen });

    /// <summary>Takes the oldest entry if its look is among so many ended looks.</summary>
    public bool TryTake(long endedLooks, out DrainEntry entry) => _entries.TryPeek(out entry) && entry.EndedLooks <= endedLooks && _entries.TryDequeue(out entry);

    /// <summary>Empties the queue after a loss of events, and returns the instances seen.</summary>
    public IEnumerable<InstanceSeen> TakeAll()
    {
        while (_entries.TryDequeue(out var entry))
        {
            if (entry.Seen is { } seen)
                yield return seen;
        }
    }

    /// <summary>The add of another instance at the device's path that is being drained, or null.</summary>
    public PendingEvent? NextInstanceOf(Device device)
    {
        foreach (var entry in _entries)
        {
            if (entry.Seen is { Heard: true, News: { } news } seen && seen.Device == device && news.Seqnum == device.AddSeqnum)
                return news;
        }
        return null;
    }

    /// <summary>Whether the queue has an add that will replace a device, and its descendants up to this order.</summary>
    public bool Replaces(Device device, long order) => _entries.Any(entry => entry.Seen is { } seen && seen.Device == device && seen.Replaces == order);
}

/// <summary>A decided add, a ready group, or an instance that was seen.</summary>
/// <param name="EndedLooks">The number of the look.</param>
/// <param name="Decision">The number of the decision about the add or the group: the entry is void if a newer decision exists.</param>
internal readonly record struct DrainEntry(long EndedLooks, long Decision)
{
    public Pending? Pending { get; init; }

    public Group? Group { get; init; }

    public InstanceSeen? Seen { get; init; }
}
