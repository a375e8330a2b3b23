namespace UeventManager.Tests.Simulation.Model;

/// <summary>One device as only the kernel knows it, from its creation to its removal, over all renames.</summary>
internal sealed class KernelInstance(ModelDevice directory, long addSeqnum)
{
    public ModelDevice Directory { get; } = directory;

    public ulong Inode => Directory.Inode;

    public long AddSeqnum { get; } = addSeqnum;

    /// <summary>True once it had a name whose rule drops: then it may be silent whatever its name is now.</summary>
    public bool MayBeDropped { get; set; } = SimRule.MayDrop(directory.Path);

    /// <summary>Times that subscribers were told that it came.</summary>
    public int Announced { get; set; }
}
