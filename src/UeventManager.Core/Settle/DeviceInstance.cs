namespace UeventManager.Core.Settle;

/// <summary>
/// Tells a device from another that has the same devpath later: the inode of its directory (kernfs gives every node a
/// new one, and a rename keeps it), with the time of its birth where the file system has one.
/// </summary>
/// <param name="Inode">Inode number; 0 if not known.</param>
/// <param name="BirthNsec">Birth, nanoseconds since the epoch; 0 if the file system has none.</param>
public readonly record struct DeviceInstance(ulong Inode, long BirthNsec)
{
    /// <summary>True if an inode was seen.</summary>
    public bool IsKnown => Inode != 0;
}
