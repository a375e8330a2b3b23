using UeventManager.Core.Settle;

namespace UeventManager.Sysfs;

/// <summary>Reads the <c>uevent</c> files of the devices that a scan finds, and hands them on in batches.</summary>
internal sealed class ScanOutput(SysfsTree tree, Action<IReadOnlyList<ScannedDevice>> batch, CancellationToken cancel)
{
    private readonly byte[] _content = new byte[4096];
    private List<ScannedDevice> _found = new(SysfsScan.BatchSize);

    /// <summary>Takes a directory, if it has a <c>uevent</c> file and is still there.</summary>
    /// <param name="directory">Where <paramref name="uevent"/> begins.</param>
    /// <param name="uevent">Path of the file, with a NUL.</param>
    /// <param name="devPath">The device's path.</param>
    /// <param name="subsystem">Its subsystem.</param>
    /// <param name="instance">Which incarnation.</param>
    internal void Add(int directory, ReadOnlySpan<byte> uevent, string devPath, string subsystem, DeviceInstance instance)
    {
        cancel.ThrowIfCancellationRequested();
        var fd = FileCalls.Open(directory, uevent, LibC.O_RDONLY | LibC.O_NOFOLLOW | LibC.O_NONBLOCK);
        if (fd < 0 && FileCalls.Access(directory, uevent) < 0)
            return;
        var content = fd < 0 ? 0 : FileCalls.ReadContent(tree, fd, _content);
        if (fd >= 0)
            FileCalls.Close(fd);
        // Removed between the open and the read (kernfs_get_active()).
        if (content == -LibC.ENODEV)
            return;
        _found.Add(new ScannedDevice(devPath, subsystem, instance, _content[..Math.Max(content, 0)]));
        if (_found.Count >= SysfsScan.BatchSize)
            Flush();
    }

    /// <summary>Hands on what is left.</summary>
    internal void Flush()
    {
        if (_found.Count == 0)
            return;
        var full = _found;
        _found = new List<ScannedDevice>(SysfsScan.BatchSize);
        batch(full);
    }
}
