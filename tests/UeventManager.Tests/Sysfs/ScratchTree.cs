using System.Text;
using Tmds.Linux;
using UeventManager.Core.Rules;
using UeventManager.Sysfs;

namespace UeventManager.Tests.Sysfs;

/// <summary>A temporary tree of sysfs's shape.</summary>
internal sealed class ScratchTree : IDisposable
{
    private const string Memory = "/dev/shm";
    private readonly DirectoryInfo _top;

    /// <param name="large">In memory if possible: a disk takes half a minute for tens of thousands of files.</param>
    public ScratchTree(bool large = false)
    {
        _top = large && Directory.Exists(Memory)
            ? Directory.CreateDirectory(Path.Combine(Memory, $"sysfs-tree-{Guid.NewGuid()}"))
            : Directory.CreateTempSubdirectory("sysfs-tree");
        Directory.CreateDirectory(Root);
        Tree = SysfsTree.Open(Root);
    }

    /// <summary>The tree's root; beside it is room for what is outside.</summary>
    public string Root => Path.Combine(_top.FullName, "sys");

    public SysfsTree Tree { get; }

    public Prober Prober { get; } = new();

    public ValueReader Reader => new(Prober, new UdevDatabase(Outside("udev")));

    /// <summary>A path inside, given as the kernel says it.</summary>
    public string Inside(string path) => Root + path;

    public string Outside(string name) => Path.Combine(_top.FullName, name);

    public string Device(string devPath, string subsystem = "net", string uevent = "")
    {
        Directory.CreateDirectory(Inside($"/class/{subsystem}"));
        Directory.CreateDirectory(Inside(devPath));
        File.WriteAllText(Inside(devPath + "/uevent"), uevent);
        var up = string.Concat(Enumerable.Repeat("../", devPath.Count(c => c == '/')));
        File.CreateSymbolicLink(Inside(devPath + "/subsystem"), $"{up}class/{subsystem}");
        return devPath;
    }

    public void Write(string path, string value) => Write(path, Encoding.UTF8.GetBytes(value));

    public void Write(string path, byte[] value)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Inside(path))!);
        File.WriteAllBytes(Inside(path), value);
    }

    public void Link(string path, string target)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Inside(path))!);
        File.CreateSymbolicLink(Inside(path), target);
    }

    public unsafe void Fifo(string path)
    {
        fixed (byte* name = Encoding.UTF8.GetBytes(Inside(path) + "\0"))
            Assert.Equal(0, LibC.mkfifoat(LibC.AT_FDCWD, name, 0x180));
    }

    public void Forbid(string path)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(Inside(path), UnixFileMode.None);
    }

    public DeviceDirectory Open(string devPath) =>
        DeviceDirectory.TryOpen(Tree, devPath, out var errno) ?? throw new SystemCallException("open", devPath, errno);

    public Answer Ask(string devPath, string path, QueryNeeds needs = QueryNeeds.Exists) =>
        Ask(devPath, new QueryTable().Path(path, needs));

    public Answer Ask(string devPath, SysfsQuery query)
    {
        using var device = Open(devPath);
        return Reader.Ask(device, new DeviceIdentity(devPath, "net"), query);
    }

    public void Dispose()
    {
        Tree.Dispose();
        _top.Delete(recursive: true);
    }
}
