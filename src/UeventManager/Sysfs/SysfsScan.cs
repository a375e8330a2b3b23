using UeventManager.Core.Settle;
using UeventManager.Core.Uevents;

namespace UeventManager.Sysfs;

/// <summary>
/// Finds all devices: the directories below <c>devices</c> with a <c>uevent</c> file and a <c>subsystem</c> link, parents
/// before children, siblings by name. Symlinks are not followed. What vanishes meanwhile is left out. Run it on a thread
/// that may block: between Linux 6.10 and 6.11 uevent_show() took the device lock.
/// </summary>
public sealed class SysfsScan
{
    /// <summary>Devices in one batch.</summary>
    public const int BatchSize = 512;

    // Real trees have some fifteen levels.
    private const int MaxDepth = 64;
    private const int UeventBytes = 4096;

    private readonly SysfsTree _tree;
    private readonly Action<IReadOnlyList<ScannedDevice>> _batch;
    private readonly CancellationToken _cancel;
    private readonly byte[] _uevent = new byte[UeventBytes];
    private List<ScannedDevice> _found = new(BatchSize);

    private SysfsScan(SysfsTree tree, Action<IReadOnlyList<ScannedDevice>> batch, CancellationToken cancel)
    {
        _tree = tree;
        _batch = batch;
        _cancel = cancel;
    }

    /// <summary>Scans a tree.</summary>
    /// <param name="tree">The tree; one without <c>devices</c> has none.</param>
    /// <param name="batch">Gets the devices, in order; each list is its own to keep.</param>
    /// <param name="cancel">Ends the scan early.</param>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    /// <exception cref="SystemCallException"><c>devices</c> is there and cannot be read.</exception>
    public static void Run(SysfsTree tree, Action<IReadOnlyList<ScannedDevice>> batch, CancellationToken cancel)
    {
        var scan = new SysfsScan(tree, batch, cancel);
        var fd = FileCalls.Open(tree.Descriptor, "devices\0"u8, LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_NOFOLLOW);
        if (fd is -LibC.ENOENT)
            return;
        if (fd < 0)
            throw new SystemCallException("open", Path.Combine(tree.Path, "devices"), -fd);
        scan.Children(fd, "/devices", 1);
        if (scan._found.Count > 0)
            batch(scan._found);
    }

    // Owns the descriptor.
    private void Children(int directory, string path, int depth)
    {
        try
        {
            _cancel.ThrowIfCancellationRequested();
            var names = new List<byte[]>();
            var entries = new DirectoryEntries(directory);
            while (entries.Next())
            {
                if (entries.Type is LibC.DT_DIR or LibC.DT_UNKNOWN)
                    names.Add([.. entries.Name, 0]);
            }
            names.Sort(static (a, b) => a.AsSpan().SequenceCompareTo(b));
            foreach (var name in names)
                Child(directory, path, name, depth);
        }
        finally
        {
            FileCalls.Close(directory);
        }
    }

    private void Child(int parent, string path, byte[] name, int depth)
    {
        const uint Mask = LibC.STATX_TYPE | LibC.STATX_INO | LibC.STATX_NLINK | LibC.STATX_BTIME;
        if (FileCalls.Stat(parent, name, LibC.AT_SYMLINK_NOFOLLOW, Mask, out var data) < 0
            || (data.stx_mode & LibC.S_IFMT) != LibC.S_IFDIR)
        {
            return;
        }
        // kernfs_refresh_inode() counts subdirectories: with none, its own two links are all.
        var leaf = (_tree.IsSysfs && data.stx_nlink == 2) || depth >= MaxDepth;
        var child = $"{path}/{KernelText.Decode(name.AsSpan(0, name.Length - 1))}";
        if (leaf)
        {
            Device(parent, name, child, DeviceDirectory.InstanceOf(data));
            return;
        }
        var fd = FileCalls.Open(parent, name, LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_NOFOLLOW);
        if (fd < 0)
            return;
        try
        {
            Device(fd, default, child, DeviceDirectory.InstanceOf(data));
        }
        catch
        {
            FileCalls.Close(fd);
            throw;
        }
        Children(fd, child, depth + 1);
    }

    private void Device(int directory, ReadOnlySpan<byte> below, string path, DeviceInstance instance)
    {
        Span<byte> file = stackalloc byte[320];
        Span<byte> link = stackalloc byte[PathText.MaxBytes];
        var length = FileCalls.ReadLink(directory, Below(below, "subsystem\0"u8, file), link);
        if (length <= 0)
            return;
        var subsystem = KernelText.Decode(link[(link[..length].LastIndexOf((byte)'/') + 1)..length]);
        var uevent = Below(below, "uevent\0"u8, file);
        var fd = FileCalls.Open(directory, uevent, LibC.O_RDONLY | LibC.O_NOFOLLOW | LibC.O_NONBLOCK);
        if (fd < 0 && FileCalls.Access(directory, uevent) < 0)
            return;
        var content = fd < 0 ? 0 : FileCalls.ReadAll(fd, _uevent);
        if (fd >= 0)
            FileCalls.Close(fd);
        // Removed between the open and the read.
        if (content == -LibC.ENODEV)
            return;
        _found.Add(new ScannedDevice(path, subsystem, instance, _uevent[..Math.Max(content, 0)]));
        if (_found.Count < BatchSize)
            return;
        var full = _found;
        _found = new List<ScannedDevice>(BatchSize);
        _batch(full);
    }

    private static ReadOnlySpan<byte> Below(ReadOnlySpan<byte> directory, ReadOnlySpan<byte> file, Span<byte> buffer)
    {
        if (directory.IsEmpty)
            return file;
        directory[..^1].CopyTo(buffer);
        buffer[directory.Length - 1] = (byte)'/';
        file.CopyTo(buffer[directory.Length..]);
        return buffer[..(directory.Length + file.Length)];
    }
}
