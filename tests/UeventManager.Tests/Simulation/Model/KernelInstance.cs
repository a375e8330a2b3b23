namespace UeventManager.Tests.Simulation.Model;

/// <summary>One device as only the kernel knows it, from its creation to its removal, over all renames.</summary>
internal sealed class KernelInstance(ModelDevice directory, long addSeqnum, long createdUsec)
{
    public ModelDevice Directory { get; } = directory;

    public ulong Inode => Directory.Inode;

    public long AddSeqnum { get; } = addSeqnum;

    public long CreatedUsec { get; } = createdUsec;

    /// <summary>True once subscribers were told of it.</summary>
    public bool IsTold { get; set; }

    /// <summary>True once it had a name whose rule drops: then it may be silent whatever its name is now.</summary>
    public bool MayBeDropped { get; set; } = SimRule.MayDrop(directory.Path);

    /// <summary>Times that subscribers were told that it came.</summary>
    public int Announced { get; set; }
}
