using Tmds.Linux;
using UeventManager.Core.Uevents;

namespace UeventManager.Sysfs;

/// <summary>Finds the devices of any tree by a walk through <c>devices</c>.</summary>
internal sealed class DirectoryScan
{
    // Real trees have some fifteen levels.
    private const int MaxDepth = 64;
    private static readonly uint Mask = LibC.STATX_TYPE | LibC.STATX_INO | LibC.STATX_BTIME;

    private readonly ScanOutput _output;

    private DirectoryScan(ScanOutput output) => _output = output;

    /// <exception cref="SystemCallException"><c>devices</c> exists and cannot be read.</exception>
    internal static void Run(SysfsTree tree, ScanOutput output)
    {
        var fd = FileCalls.Open(tree.Descriptor, "devices\0"u8, LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_NOFOLLOW);
        if (fd == -LibC.ENOENT)
            return;
        if (fd < 0)
            throw new SystemCallException("open", Path.Combine(tree.Path, "devices"), -fd);
        new DirectoryScan(output).Children(fd, "/devices"u8.ToArray(), 1);
    }

    // Closes the descriptor.
    private void Children(int directory, byte[] path, int depth)
    {
        using var handle = new DescriptorHandle(directory);
        var names = new List<byte[]>();
        var entries = new DirectoryEntries(directory);
        while (entries.Next())
        {
            if (entries.Type is LinuxApi.DT_DIR or LinuxApi.DT_UNKNOWN)
                names.Add([.. entries.Name, 0]);
        }
        _output.Missed(-entries.Errno, path);
        names.Sort(static (a, b) => a.AsSpan().SequenceCompareTo(b));
        foreach (var name in names)
            Child(directory, [.. path, (byte)'/', .. name.AsSpan(0, name.Length - 1)], name, depth);
    }

    private void Child(int parent, byte[] path, byte[] name, int depth)
    {
        var fd = FileCalls.Open(parent, name, LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_NOFOLLOW);
        if (fd < 0)
        {
            _output.Missed(fd, path);
            return;
        }
        try
        {
            Device(fd, path);
        }
        catch
        {
            FileCalls.Close(fd);
            throw;
        }
        if (depth < MaxDepth)
            Children(fd, path, depth + 1);
        else
            FileCalls.Close(fd);
    }

    private void Device(int directory, byte[] path)
    {
        Span<byte> link = stackalloc byte[PathText.MaxBytes];
        var error = SubsystemLink.ReadAt(directory, "subsystem\0"u8, link, out var subsystem, out _);
        if (error == 0 && (error = FileCalls.Stat(directory, "\0"u8, LibC.AT_EMPTY_PATH, Mask, out var data)) == 0)
            _output.Add(directory, "uevent\0"u8, path, KernelText.Decode(subsystem), DeviceDirectory.InstanceOf(data));
        else
            _output.Missed(error, path);
    }
}
