using UeventManager.Core.Ordering;

namespace UeventManager.Core.Udev;

/// <summary>Which device the kernel's last events were of, by SEQNUM. What udevd tells later than that is not matched any more.</summary>
internal sealed class SeqnumRing
{
    /// <summary>How many SEQNUMs back: as many as udevd may be behind.</summary>
    public const int Size = 65_536;

    // As a whole and at once: what nobody has written to takes no memory.
    private Entry[]? _entries;
    private long _newest;

    /// <summary>An event of a device has come.</summary>
    public void Put(long seqnum, Device device)
    {
        (_entries ??= new Entry[Size])[seqnum & (Size - 1)] = new Entry(seqnum, device.Id, device.Index);
        _newest = Math.Max(_newest, seqnum);
    }

    /// <summary>Events of one device turn out to be of another.</summary>
    /// <param name="from">Whose they were believed to be.</param>
    /// <param name="to">Whose they are.</param>
    /// <param name="seqnum">The first of them.</param>
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

    /// <summary>Whose event that was; null if nobody remembers, or the device has gone.</summary>
    public Device? Find(long seqnum, DeviceTree tree) =>
        _entries?[seqnum & (Size - 1)] is { } entry && entry.Seqnum == seqnum && seqnum > 0 ? tree.Find(entry.Index, entry.Id) : null;

    private readonly record struct Entry(long Seqnum, long Id, int Index);
}
