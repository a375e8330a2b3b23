using System.Text;
using UeventManager.Core.Uevents;

namespace UeventManager.Sysfs;

/// <summary>
/// Finds the devices of the kernel's own sysfs by the links that <c>class/*</c> and <c>bus/*/devices</c> have to them. A device's
/// <c>subsystem</c> link is made together with its link there (device_add_class_symlinks(), bus_add_device()), so this
/// finds what walking finds, without the directories that are no devices: most of them.
/// </summary>
internal sealed class SubsystemScan
{
    private readonly SysfsTree _tree;
    private readonly List<(byte[] Path, string Subsystem)> _found = [];

    private SubsystemScan(SysfsTree tree) => _tree = tree;

    /// <exception cref="SystemCallException"><c>class</c> or <c>bus</c> is there and cannot be read.</exception>
    internal static void Run(SysfsTree tree, ScanOutput output)
    {
        var scan = new SubsystemScan(tree);
        scan.Subsystems("class", "");
        scan.Subsystems("bus", "/devices");
        // A parent's path is the beginning of its children's, so this order has parents first.
        scan._found.Sort(static (a, b) => Compare(a.Path, b.Path));
        foreach (var (path, subsystem) in scan._found)
            scan.Read(path, subsystem, output);
    }

    // As if '/' were the least character, so that children come right after their parent and before its siblings.
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
        foreach (var name in Names(PathText.Encode(kind, buffer), LibC.DT_DIR, kind))
        {
            var directory = $"{kind}/{Encoding.UTF8.GetString(name[..^1])}{devices}";
            var fd = FileCalls.Open(_tree.Descriptor, PathText.Encode(directory, buffer), LibC.O_RDONLY | LibC.O_DIRECTORY);
            if (fd < 0)
                continue;
            using var handle = new DescriptorHandle(fd);
            var subsystem = KernelText.Decode(name.AsSpan(0, name.Length - 1));
            foreach (var link in NamesIn(fd, LibC.DT_LNK))
                Link(fd, link, subsystem);
        }
    }

    private void Link(int directory, byte[] name, string subsystem)
    {
        Span<byte> text = stackalloc byte[PathText.MaxBytes];
        var length = FileCalls.ReadLink(directory, name, text);
        if (length <= 0)
            return;
        var path = text[..length];
        while (path.StartsWith("../"u8))
            path = path[3..];
        if (path.StartsWith("devices/"u8))
            _found.Add((path.ToArray(), subsystem));
    }

    private void Read(byte[] path, string subsystem, ScanOutput output)
    {
        Span<byte> file = stackalloc byte[path.Length + 8];
        path.CopyTo(file);
        file[path.Length] = 0;
        if (FileCalls.Stat(_tree.Descriptor, file[..(path.Length + 1)], LibC.AT_SYMLINK_NOFOLLOW, LibC.STATX_INO, out var data) < 0)
            return;
        "/uevent\0"u8.CopyTo(file[path.Length..]);
        output.Add(_tree.Descriptor, file, "/" + KernelText.Decode(path), subsystem, DeviceDirectory.InstanceOf(data));
    }

    private List<byte[]> Names(ReadOnlySpan<byte> path, byte type, string text)
    {
        var fd = FileCalls.Open(_tree.Descriptor, path, LibC.O_RDONLY | LibC.O_DIRECTORY);
        if (fd == -LibC.ENOENT)
            return [];
        if (fd < 0)
            throw new SystemCallException("open", Path.Combine(_tree.Path, text), -fd);
        using var handle = new DescriptorHandle(fd);
        return NamesIn(fd, type);
    }

    private static List<byte[]> NamesIn(int fd, byte type)
    {
        var names = new List<byte[]>();
        var entries = new DirectoryEntries(fd);
        while (entries.Next())
        {
            if (entries.Type == type)
                names.Add([.. entries.Name, 0]);
        }
        return names;
    }
}
