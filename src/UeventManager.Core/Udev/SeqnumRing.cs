using UeventManager.Core.Ordering;

namespace UeventManager.Core.Udev;

/// <summary>The devices of the kernel's last events, by SEQNUM. A broadcast for an older event cannot be matched.</summary>
internal sealed class SeqnumRing
{
    /// <summary>The number of SEQNUMs: udevd may be this far behind.</summary>
    public const int Size = 65_536;

    // Allocated at once: pages that are never written take no memory.
    private Entry[]? _entries;
    private long _newest;

    /// <summary>Stores the device of an event.</summary>
    public void Put(long seqnum, Device device)
    {
        (_entries ??= new Entry[Size])[seqnum & (Size - 1)] = new Entry(seqnum, device.Id, device.Index);
        _newest = Math.Max(_newest, seqnum);
    }

    /// <summary>Reassigns events from one device to another.</summary>
    /// <param name="from">The device that they were attributed to.</param>
    /// <param name="to">The device that they belong to.</param>
    /// <param name="seqnum">The first of these events.</param>
    public void HandOver(Device from, Device to, long seqnum)
    {
        if (_entries is null)
            return;
        for (var next = Math.Max(seqnum, _newest - Size + 1); next <= _newest; next++)
        {
            if (_entries[next & (Size - 1)] is var entry && entry.Seqnum == next && entry.Id == from.Id)
                Put(next, to);
        }
    }

    /// <summary>The device of an event; null if it is forgotten or removed.</summary>
    public Device? Find(long seqnum, DeviceTree tree) =>
        _entries?[seqnum & (Size - 1)] is { } entry && entry.Seqnum == seqnum && seqnum > 0 ? tree.Find(entry.Index, entry.Id) : null;

    /// <summary>True if an event's device is stored, also if it is removed by now.</summary>
    public bool Knows(long seqnum) => _entries?[seqnum & (Size - 1)].Seqnum == seqnum;

    private readonly record struct Entry(long Seqnum, long Id, int Index);
}
