using System.Text;
using Tmds.Linux;
using UeventManager.Core.Uevents;

namespace UeventManager.Sysfs;

/// <summary>
/// Finds the devices of the kernel's own sysfs by the links in <c>class/*</c> and <c>bus/*/devices</c>. The kernel creates these links together with
/// a device's <c>subsystem</c> link (device_add_class_symlinks(), bus_add_device()), so this finds the same devices as a walk, without the
/// directories that are not devices, which are the most. The device's own link determines its subsystem: a class for compatibility
/// (class_compat_create_link()) has links to devices of other subsystems.
/// </summary>
internal sealed class SubsystemScan
{
    private readonly SysfsTree _tree;
    private readonly ScanOutput _output;
    private readonly List<byte[]> _found = [];
    private readonly byte[] _link = new byte[PathText.MaxBytes];

    private SubsystemScan(SysfsTree tree, ScanOutput output) => (_tree, _output) = (tree, output);

    /// <exception cref="SystemCallException"><c>class</c> or <c>bus</c> exists and cannot be read.</exception>
    internal static void Run(SysfsTree tree, ScanOutput output)
    {
        var scan = new SubsystemScan(tree, output);
        scan.Subsystems("class", "");
        scan.Subsystems("bus", "/devices");
        // A child's path begins with its parent's, so this order has parents first.
        scan._found.Sort(static (a, b) => Compare(a, b));
        for (var i = 0; i < scan._found.Count; i++)
        {
            if (i == 0 || !scan._found[i].AsSpan().SequenceEqual(scan._found[i - 1]))
                scan.Read(scan._found[i]);
        }
    }

    // Compares as if '/' were the least character, so that children follow directly after their parent.
    internal static int Compare(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        var common = a.CommonPrefixLength(b);
        if (common == a.Length || common == b.Length)
            return a.Length - b.Length;
        return (a[common] == '/' ? 0 : a[common]) - (b[common] == '/' ? 0 : b[common]);
    }

    private void Subsystems(string kind, string devices)
    {
        Span<byte> buffer = stackalloc byte[PathText.MaxBytes];
        foreach (var name in Names(PathText.Encode(kind, buffer), LinuxApi.DT_DIR, kind))
        {
            var directory = $"{kind}/{Encoding.UTF8.GetString(name[..^1])}{devices}";
            var fd = FileCalls.Open(_tree.Descriptor, PathText.Encode(directory, buffer), LibC.O_RDONLY | LibC.O_DIRECTORY);
            if (fd < 0)
            {
                _output.Missed(fd, directory);
                continue;
            }
            using var handle = new DescriptorHandle(fd);
            foreach (var link in NamesIn(fd, LinuxApi.DT_LNK, directory))
                Link(fd, link, directory);
        }
    }

    private void Link(int directory, byte[] name, string place)
    {
        var length = FileCalls.ReadLink(directory, name, _link);
        if (length <= 0)
        {
            _output.Missed(length, place);
            return;
        }
        ReadOnlySpan<byte> path = _link.AsSpan(0, length);
        while (path.StartsWith("../"u8))
            path = path[3..];
        if (path.StartsWith("devices/"u8))
            _found.Add(path.ToArray());
    }

    private void Read(byte[] path)
    {
        byte[] devPath = [(byte)'/', .. path];
        Span<byte> file = stackalloc byte[path.Length + 12];
        path.CopyTo(file);
        file[path.Length] = 0;
        var error = FileCalls.Stat(_tree.Descriptor, file[..(path.Length + 1)], LibC.AT_SYMLINK_NOFOLLOW, LibC.STATX_INO, out var data);
        if (error == 0)
        {
            "/subsystem\0"u8.CopyTo(file[path.Length..]);
            error = SubsystemLink.ReadAt(_tree.Descriptor, file[..(path.Length + 11)], _link, out var subsystem, out _);
            if (error == 0)
            {
                "/uevent\0"u8.CopyTo(file[path.Length..]);
                _output.Add(_tree.Descriptor, file, devPath, KernelText.Decode(subsystem), DeviceDirectory.InstanceOf(data));
                return;
            }
        }
        _output.Missed(error, devPath);
    }

    private List<byte[]> Names(ReadOnlySpan<byte> path, byte type, string text)
    {
        var fd = FileCalls.Open(_tree.Descriptor, path, LibC.O_RDONLY | LibC.O_DIRECTORY);
        if (fd == -LibC.ENOENT)
            return [];
        if (fd < 0)
            throw new SystemCallException("open", Path.Combine(_tree.Path, text), -fd);
        using var handle = new DescriptorHandle(fd);
        return NamesIn(fd, type, text);
    }

    private List<byte[]> NamesIn(int fd, byte type, string place)
    {
        var names = new List<byte[]>();
        var entries = new DirectoryEntries(fd);
        while (entries.Next())
        {
            if (entries.Type == type)
                names.Add([.. entries.Name, 0]);
        }
        _output.Missed(-entries.Errno, place);
        return names;
    }
}
