namespace UeventManager.KernelTests.Harness;

/// <summary>
/// A tree shaped as sysfs is: <c>devices/…</c>, <c>class/NAME</c>, <c>bus/NAME</c>, relative links. Unlike the real one it can be told
/// when a device becomes complete.
/// </summary>
public sealed class FakeSysfs : IDisposable
{
    private static readonly EnumerationOptions WithoutLinks = new()
    {
        RecurseSubdirectories = true,
        AttributesToSkip = FileAttributes.ReparsePoint,
    };

    private readonly ScratchDirectory _root = new("sysfs");
    private readonly HashSet<string> _buses = new(StringComparer.Ordinal);

    public FakeSysfs()
    {
        Directory.CreateDirectory(Root + "/devices");
        Directory.CreateDirectory(Root + "/class");
        Directory.CreateDirectory(Root + "/bus");
    }

    public string Root => _root.Path;

    /// <summary>
    /// Gives the tree a <c>kernel/uevent_seqnum</c>. While it stays the same the daemon takes it that no uevent was sent between two runs;
    /// without one it cannot know.
    /// </summary>
    public void SetSeqnum(long seqnum)
    {
        Directory.CreateDirectory(Root + "/kernel");
        File.WriteAllText(Root + "/kernel/uevent_seqnum", $"{seqnum}\n");
    }

    /// <summary>Makes a subsystem a bus; what is not named here is a class.</summary>
    public void AddBus(string subsystem)
    {
        _buses.Add(subsystem);
        Directory.CreateDirectory($"{Root}/bus/{subsystem}/devices");
        Directory.CreateDirectory($"{Root}/bus/{subsystem}/drivers");
    }

    /// <summary>Makes a device as device_add() does before it announces it: directory, uevent file, links. Everything else comes later.</summary>
    /// <param name="devpath">Begins with <c>/devices/</c>.</param>
    /// <param name="subsystem">A class, or a bus after <see cref="AddBus"/>.</param>
    /// <param name="uevent">Lines of the uevent file, <c>KEY=VALUE</c>.</param>
    public FakeDevice AddDevice(string devpath, string subsystem, params IReadOnlyList<string> uevent)
    {
        var isBus = _buses.Contains(subsystem);
        var home = isBus ? $"bus/{subsystem}" : $"class/{subsystem}";
        var index = isBus ? home + "/devices" : home;
        Directory.CreateDirectory($"{Root}/{index}");
        var device = new FakeDevice(this, devpath, subsystem, $"{Root}/{index}/{devpath[(devpath.LastIndexOf('/') + 1)..]}");
        Directory.CreateDirectory(device.Path);
        device.Write("uevent", string.Concat(uevent.Select(line => line + "\n")));
        device.Link("subsystem", "/" + home);
        var up = string.Concat(Enumerable.Repeat("../", index.Count(c => c == '/') + 1));
        File.CreateSymbolicLink(device.IndexLink, up + devpath[1..]);
        return device;
    }

    /// <summary>Renames a device as device_rename() does: the directory stays the same one.</summary>
    public FakeDevice Rename(FakeDevice device, string devpath)
    {
        File.Delete(device.IndexLink);
        Directory.Move(device.Path, Root + devpath);
        var home = Path.GetDirectoryName(device.IndexLink)!;
        var renamed = new FakeDevice(this, devpath, device.Subsystem, $"{home}/{devpath[(devpath.LastIndexOf('/') + 1)..]}");
        var up = string.Concat(Enumerable.Repeat("../", home[(Root.Length + 1)..].Count(c => c == '/') + 1));
        File.CreateSymbolicLink(renamed.IndexLink, up + devpath[1..]);
        return renamed;
    }

    /// <summary>Every device of the tree by the rule of the real one: a uevent file and a subsystem link.</summary>
    public IEnumerable<string> DevPaths() =>
        Directory.EnumerateDirectories(Root + "/devices", "*", WithoutLinks)
            .Where(path => File.Exists(path + "/uevent") && new FileInfo(path + "/subsystem").LinkTarget is not null)
            .Select(path => path[Root.Length..]);

    public void Dispose() => _root.Dispose();
}
