using UeventManager.Core.Settle;
using UeventManager.Core.Snapshots;

namespace UeventManager.Core.Ordering;

/// <summary>Writes the data types that several owners hand over; <see cref="Restored"/> reads them.</summary>
internal static class Saved
{
    /// <summary>An instance.</summary>
    public static void Instance(DeviceInstance instance, SnapshotWriter to)
    {
        to.Number((long)instance.Inode);
        to.Number(instance.BirthNsec);
    }

    /// <summary>The time from which something counts; 0 for always.</summary>
    public static void Since(long usec, SnapshotWriter to)
    {
        to.Flag(usec > 0);
        if (usec > 0)
            to.Number(usec);
    }

    /// <summary>What udev must have processed.</summary>
    public static void Mark(UdevMark mark, SnapshotWriter to)
    {
        to.Number(mark.Seqnum);
        to.Number(mark.Order);
        Since(mark.SinceUsec, to);
        Since(mark.SurelySinceUsec, to);
        Since(mark.BornUsec, to);
        to.Flag(mark.IsFirst);
    }

    /// <summary>The last announced findings.</summary>
    public static void Findings(Findings findings, SnapshotWriter to)
    {
        to.Flag(findings != Ordering.Findings.None);
        if (findings == Ordering.Findings.None)
            return;
        to.Flag(findings.Settled);
        to.Text(findings.Rule);
        Texts(findings.Missing, to);
        Pairs(findings.Attributes, to);
        Pairs(findings.Links, to);
    }

    /// <summary>The states at a look.</summary>
    public static void Items(ItemState[] items, SnapshotWriter to)
    {
        to.Number(items.Length);
        foreach (var item in items)
        {
            to.Flag(item.Held);
            to.Text(item.Seen);
            to.Flag(item.HeldSinceUsec > 0);
            if (item.HeldSinceUsec > 0)
                to.Number(item.HeldSinceUsec);
            to.Number(item.Looks);
        }
    }

    /// <summary>Texts, or none.</summary>
    public static void Texts(IReadOnlyList<string>? texts, SnapshotWriter to)
    {
        to.Number(texts?.Count ?? -1);
        foreach (var text in texts ?? [])
            to.Text(text);
    }

    private static void Pairs(IReadOnlyList<KeyValuePair<string, string>>? pairs, SnapshotWriter to)
    {
        to.Number(pairs?.Count ?? -1);
        foreach (var (key, value) in pairs ?? [])
        {
            to.Text(key);
            to.Text(value);
        }
    }
}
