namespace UeventManager.Core.Settle;

/// <summary>
/// The identity of a device's directory: it stays the same over a rename (kernfs_rename_ns() moves the node), and differs when the device is
/// re-created at the same path.
/// </summary>
/// <param name="Inode">Inode number of the device's directory; kernfs does not reuse a number soon.</param>
/// <param name="BirthNsec">The directory's birth time in nanoseconds since the epoch; 0 if the file system has none, as kernfs.</param>
public readonly record struct DeviceInstance(ulong Inode, long BirthNsec)
{
    /// <summary>True if an inode was seen.</summary>
    public bool IsKnown => Inode != 0;
}
