using Tmds.Linux;
using UeventManager.Core.Settle;
using UeventManager.Core.Uevents;

namespace UeventManager.Sysfs;

/// <summary>Reads the <c>uevent</c> files of the devices that a scan finds, and passes them on in batches.</summary>
internal sealed class ScanOutput(SysfsTree tree, Action<IReadOnlyList<ScannedDevice>> batch, CancellationToken cancel)
{
    private readonly byte[] _content = new byte[4096];
    private List<ScannedDevice> _found = new(SysfsScan.BatchSize);

    /// <summary>The directories that could not be read so far.</summary>
    internal ScanHoles Holes { get; private set; }

    /// <summary>Notes a directory that was not read.</summary>
    /// <param name="result">The negative errno.</param>
    /// <param name="place">The path below the root.</param>
    /// <returns>True if it may exist nevertheless.</returns>
    internal bool Missed(int result, string place)
    {
        if (LookErrors.Unknown(result) is not (var errno and not 0))
            return false;
        Holes = Holes.Count == 0 ? new ScanHoles(1, place, errno) : Holes with { Count = Holes.Count + 1 };
        return true;
    }

    /// <inheritdoc cref="Missed(int, string)"/>
    internal bool Missed(int result, byte[] path) => LookErrors.Unknown(result) != 0 && Missed(result, KernelText.Decode(path));

    /// <summary>Adds a directory if it has a <c>uevent</c> file and still exists.</summary>
    /// <param name="directory">The directory that <paramref name="uevent"/> is relative to.</param>
    /// <param name="uevent">The file's path, with a NUL.</param>
    /// <param name="path">The device's path.</param>
    /// <param name="subsystem">The device's subsystem.</param>
    /// <param name="instance">The device's instance.</param>
    internal void Add(int directory, ReadOnlySpan<byte> uevent, byte[] path, string subsystem, DeviceInstance instance)
    {
        cancel.ThrowIfCancellationRequested();
        var fd = FileCalls.Open(directory, uevent, LibC.O_RDONLY | LibC.O_NOFOLLOW | LibC.O_NONBLOCK);
        if (LookErrors.IsShortage(fd) && Missed(fd, path))
            return;
        if (fd < 0 && FileCalls.Access(directory, uevent) is var error and < 0)
        {
            Missed(error, path);
            return;
        }
        var content = fd < 0 ? 0 : FileCalls.ReadContent(tree, fd, _content);
        if (fd >= 0)
            FileCalls.Close(fd);
        // Removed between the open and the read (kernfs_get_active()).
        if (content == -LibC.ENODEV || (LookErrors.IsShortage(content) && Missed(content, path)))
            return;
        _found.Add(new ScannedDevice(path, subsystem, instance, _content[..Math.Max(content, 0)]));
        if (_found.Count >= SysfsScan.BatchSize)
            Flush();
    }

    /// <summary>Passes on the remaining devices.</summary>
    internal void Flush()
    {
        if (_found.Count == 0)
            return;
        var full = _found;
        _found = new List<ScannedDevice>(SysfsScan.BatchSize);
        batch(full);
    }
}
