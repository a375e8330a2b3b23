using Tmds.Linux;
using UeventManager.Core.Settle;

namespace UeventManager.Sysfs;

/// <summary>
/// A handle on a device's directory. Every question through it concerns this instance: once the device is removed, kernfs finds nothing below the
/// handle, even if another device has taken the path. It is reference-counted, so that a reader thread may still hold it when its owner has closed
/// it.
/// </summary>
internal sealed class DeviceDirectory : DescriptorHandle
{
    private DeviceDirectory(SysfsTree tree, int descriptor, DeviceInstance instance)
        : base(descriptor)
    {
        Tree = tree;
        Instance = instance;
    }

    /// <summary>The device's instance.</summary>
    public DeviceInstance Instance { get; }

    /// <summary>The tree.</summary>
    public SysfsTree Tree { get; }

    /// <summary>The time at which it was last seen to be alive, by its owner's clock.</summary>
    internal long SeenAliveUsec { get; set; }

    /// <summary>Opens a device's directory.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="devPath">The kernel's devpath: it begins with a slash and contains neither symlinks nor <c>..</c>.</param>
    /// <param name="errno">The reason for null: ENOENT if there is no such directory, EMFILE if no descriptor is left, …</param>
    public static DeviceDirectory? TryOpen(SysfsTree tree, string devPath, out int errno)
    {
        Span<byte> buffer = stackalloc byte[PathText.MaxBytes];
        return TryOpenEncoded(tree, devPath.StartsWith('/') ? PathText.EncodeRelative(devPath, buffer) : default, out errno);
    }

    /// <summary>Opens a device's directory by the bytes of its path, which need not be UTF-8.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="devPath">The bytes, without a NUL.</param>
    /// <param name="errno">The reason for null.</param>
    public static DeviceDirectory? TryOpen(SysfsTree tree, ReadOnlySpan<byte> devPath, out int errno)
    {
        Span<byte> buffer = stackalloc byte[PathText.MaxBytes];
        var relative = devPath.TrimStart((byte)'/');
        if (relative.Length == devPath.Length || relative.Length >= buffer.Length || relative.Contains((byte)0))
            return TryOpenEncoded(tree, default, out errno);
        relative.CopyTo(buffer);
        buffer[relative.Length] = 0;
        return TryOpenEncoded(tree, buffer[..(relative.Length + 1)], out errno);
    }

    /// <summary>False once the device is removed, and if it cannot be told.</summary>
    public bool IsAlive() => CheckAlive() == 0;

    /// <summary>0 while the device exists, -ENOENT once it is removed, another negative errno if it cannot be told.</summary>
    internal int CheckAlive()
    {
        var error = FileCalls.Access(Descriptor, "uevent\0"u8);
        if (error == 0 || Tree.IsSysfs)
            return LookErrors.IsAbsence(error) ? -LibC.ENOENT : error;
        // Other file systems than kernfs show it by the link count.
        error = FileCalls.Stat(Descriptor, "\0"u8, LibC.AT_EMPTY_PATH, LibC.STATX_NLINK, out var data);
        return error < 0 ? error : data.stx_nlink > 0 ? 0 : -LibC.ENOENT;
    }

    private static DeviceDirectory? TryOpenEncoded(SysfsTree tree, ReadOnlySpan<byte> path, out int errno)
    {
        var fd = path.IsEmpty ? -LibC.EINVAL : ContainedOpen.Beneath(tree.Descriptor, path, LibC.O_PATH | LibC.O_DIRECTORY);
        if (fd < 0)
        {
            errno = -fd;
            return null;
        }
        var error = FileCalls.Stat(fd, "\0"u8, LibC.AT_EMPTY_PATH, LibC.STATX_INO | LibC.STATX_BTIME, out var data);
        if (error < 0)
        {
            FileCalls.Close(fd);
            errno = -error;
            return null;
        }
        errno = 0;
        return new DeviceDirectory(tree, fd, InstanceOf(data));
    }

    internal static DeviceInstance InstanceOf(in statx data) => new(
        data.stx_ino,
        (data.stx_mask & LibC.STATX_BTIME) != 0 ? (data.stx_btime.tv_sec * 1_000_000_000) + data.stx_btime.tv_nsec : 0);
}
