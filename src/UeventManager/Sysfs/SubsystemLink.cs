using Tmds.Linux;

namespace UeventManager.Sysfs;

/// <summary>
/// A device's <c>subsystem</c> link, which determines the device's subsystem: device_add() creates it, and a class that only links to a device for
/// compatibility (class_compat_create_link(): <c>i2c-adapter</c>, <c>mdev_bus</c>) does not change it.
/// </summary>
internal static class SubsystemLink
{
    /// <summary>Reads the link of the device at a devpath.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="devPath">The devpath, beginning with a slash.</param>
    /// <param name="buffer">Receives the text; <see cref="PathText.MaxBytes"/> are always enough.</param>
    /// <param name="name">The subsystem; empty if there is no link.</param>
    /// <param name="isBus">True if the link leads to a bus.</param>
    /// <returns>0, or a negative errno.</returns>
    internal static int Read(SysfsTree tree, scoped ReadOnlySpan<byte> devPath, Span<byte> buffer, out ReadOnlySpan<byte> name, out bool isBus)
    {
        name = default;
        isBus = false;
        Span<byte> path = stackalloc byte[PathText.MaxBytes];
        devPath = devPath[1..];
        if (devPath.Length + 11 > path.Length)
            return -LibC.ENAMETOOLONG;
        devPath.CopyTo(path);
        if (tree.IsSysfs)
        {
            "/subsystem\0"u8.CopyTo(path[devPath.Length..]);
            return ReadAt(tree.Descriptor, path[..(devPath.Length + 11)], buffer, out name, out isBus);
        }
        path[devPath.Length] = 0;
        var directory = ContainedOpen.Beneath(tree.Descriptor, path[..(devPath.Length + 1)], LibC.O_PATH | LibC.O_DIRECTORY);
        if (directory < 0)
            return directory;
        var error = ReadAt(directory, "subsystem\0"u8, buffer, out name, out isBus);
        FileCalls.Close(directory);
        return error;
    }

    /// <summary>Reads the link at a path relative to a directory.</summary>
    /// <returns>0, or a negative errno.</returns>
    internal static int ReadAt(int directory, scoped ReadOnlySpan<byte> path, Span<byte> buffer, out ReadOnlySpan<byte> name, out bool isBus)
    {
        name = default;
        isBus = false;
        var length = FileCalls.ReadLink(directory, path, buffer);
        if (length < 0)
            return length;
        ReadOnlySpan<byte> target = buffer[..length];
        var slash = target.LastIndexOf((byte)'/');
        name = target[(slash + 1)..];
        isBus = slash > 0 && target[..slash].EndsWith("/bus"u8);
        return 0;
    }
}
