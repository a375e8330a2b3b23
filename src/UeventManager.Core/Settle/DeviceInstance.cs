namespace UeventManager.Core.Settle;

/// <summary>
/// Which incarnation of a device a directory is: kept over a rename (kernfs_rename_ns() moves the node), new when the
/// device is re-created under the same path.
/// </summary>
/// <param name="Inode">Inode number of the device's directory; on kernfs a number that is not used again soon.</param>
/// <param name="BirthNsec">Its birth, nanoseconds since the epoch, where the file system tells (kernfs does not), else 0.</param>
public readonly record struct DeviceInstance(ulong Inode, long BirthNsec)
{
    /// <summary>True if an inode was seen.</summary>
    public bool IsKnown => Inode != 0;
}
