using UeventManager.Core.Ordering;

namespace UeventManager.Core.Drains;

/// <summary>
/// What was seen at looks and is not to take effect before everything is stepped that could have been queued in the socket when they ended: the adds
/// that were decided, the groups that were ready, the instances that stood at a device's place. In the order of the looks.
/// </summary>
internal sealed class DrainQueue
{
    private readonly Queue<DrainEntry> _entries = new();

    /// <summary>Looks that have ended; what an input <c>Drained</c> refers to.</summary>
    public long EndedLooks { get; private set; }

    /// <summary>True if nothing waits.</summary>
    public bool IsEmpty => _entries.Count == 0;

    /// <summary>Whether everything was drained that had been seen when so many looks had ended.</summary>
    public bool IsDrained(long endedLooks) => !_entries.TryPeek(out var oldest) || oldest.EndedLooks > endedLooks;

    /// <summary>A look has ended, or was as good as one.</summary>
    public void EndLook() => EndedLooks++;

    /// <summary>An add was decided.</summary>
    public void Add(Pending pending, PendingAdd add) => _entries.Enqueue(new DrainEntry(EndedLooks, add.Decision) { Pending = pending });

    /// <summary>A group was found ready without an event of its leader.</summary>
    public void Add(Group group) => _entries.Enqueue(new DrainEntry(EndedLooks, group.Decision) { Group = group });

    /// <summary>An instance was seen at a device's place, or none.</summary>
    public void Add(InstanceSeen seen) => _entries.Enqueue(new DrainEntry(EndedLooks, 0) { Seen = seen });

    /// <summary>Takes the oldest entry if its look had ended before so many had.</summary>
    public bool TryTake(long endedLooks, out DrainEntry entry) => _entries.TryPeek(out entry) && entry.EndedLooks <= endedLooks && _entries.TryDequeue(out entry);

    /// <summary>Events were lost: takes everything, and returns what was seen of instances.</summary>
    public IEnumerable<InstanceSeen> TakeAll()
    {
        while (_entries.TryDequeue(out var entry))
        {
            if (entry.Seen is { } seen)
                yield return seen;
        }
    }

    /// <summary>The add of another instance, seen at the device's place, that is being drained; or null.</summary>
    public PendingEvent? NextInstanceOf(Device device)
    {
        foreach (var entry in _entries)
        {
            if (entry.Seen is { Heard: true, News: { } news } seen && seen.Device == device && news.Seqnum == device.AddSeqnum)
                return news;
        }
        return null;
    }

    /// <summary>Whether an add is being drained that is to replace a device and what became known below it until an order.</summary>
    public bool Replaces(Device device, long order) => _entries.Any(entry => entry.Seen is { } seen && seen.Device == device && seen.Replaces == order);
}

/// <summary>One of an add that was decided, a group that was ready, and an instance that was seen.</summary>
/// <param name="EndedLooks">The number of the look.</param>
/// <param name="Decision">Which decision of the add or the group, for it may be void.</param>
internal readonly record struct DrainEntry(long EndedLooks, long Decision)
{
    public Pending? Pending { get; init; }

    public Group? Group { get; init; }

    public InstanceSeen? Seen { get; init; }
}
