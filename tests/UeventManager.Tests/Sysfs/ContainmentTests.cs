using System.Text;
using Tmds.Linux;
using UeventManager.Core.Rules;
using UeventManager.Sysfs;

namespace UeventManager.Tests.Sysfs;

/// <summary>G10: nobody can read files outside the root by a rule or a tree.</summary>
public sealed class ContainmentTests
{
    private const string Dev = "/devices/virtual/net/x";
    private const QueryNeeds All = QueryNeeds.Exists | QueryNeeds.Link | QueryNeeds.Value;

    public static TheoryData<string, string> Escapes => new()
    {
        { "../../../../../secret", "up from a device" },
        { "../../../../../../../../../../../../etc/passwd", "far up" },
        { "/etc/passwd", "an absolute path" },
        { "absolute", "a link to a file outside" },
        { "relative", "a link that climbs out" },
        { "directory/file", "a link to a directory outside" },
        { "chain", "a link to a link that climbs out" },
        { "deep/../../../../../../secret", "up through a directory" },
        { "directory/../secret", "up from behind a link" },
    };

    [Theory]
    [MemberData(nameof(Escapes))]
    public void Paths_outside_the_tree_do_not_exist(string path, string how)
    {
        using var tree = Tree();
        var answer = tree.Ask(Dev, path, All);
        Assert.False(answer.Exists, how);
        Assert.Null(answer.Value);
    }

    [Theory]
    [InlineData("absolute")]
    [InlineData("relative")]
    [InlineData("directory/file")]
    [InlineData("../../../../../secret")]
    public void The_way_without_openat2_is_as_tight(string path)
    {
        using var tree = Tree();
        using var device = tree.Open(Dev);
        var fd = ContainedOpen.ByComponents(device.Descriptor, Encoding.UTF8.GetBytes(path + "\0"), LibC.O_RDONLY);
        Assert.Contains(fd, new[] { -LibC.ELOOP, -LibC.EXDEV, -LibC.ENOTDIR });
    }

    [Theory]
    [InlineData("uevent", true)]
    [InlineData("deep/er/file", true)]
    [InlineData("deep/er", true)]
    [InlineData("deep/missing", false)]
    public void The_way_without_openat2_finds_what_is_inside(string path, bool exists)
    {
        using var tree = Tree();
        using var device = tree.Open(Dev);
        var fd = ContainedOpen.ByComponents(device.Descriptor, Encoding.UTF8.GetBytes(path + "\0"), LibC.O_PATH);
        Assert.Equal(exists, fd >= 0);
        if (fd >= 0)
            FileCalls.Close(fd);
    }

    [Theory]
    [InlineData("/devices/../../secret")]
    [InlineData("/devices/out/net")]
    [InlineData("devices/virtual")]
    [InlineData("")]
    [InlineData("/devices/virtual/net/x\0y")]
    public void A_device_path_cannot_lead_outside_devices(string devPath)
    {
        using var tree = Tree();
        Assert.Null(DeviceDirectory.TryOpen(tree.Tree, devPath, out var errno));
        Assert.NotEqual(0, errno);
        Assert.Null(DeviceDirectory.TryOpen(tree.Tree, Encoding.UTF8.GetBytes(devPath), out _));
    }

    [Fact]
    public void A_scan_follows_no_symlink()
    {
        using var tree = Tree();
        var found = new List<string>();
        SysfsScan.Run(tree.Tree, batch => found.AddRange(batch.Select(device => device.DevPath)), TestContext.Current.CancellationToken);
        Assert.Equal([Dev], found);
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("../../../../../../../../../../etc/passwd")]
    [InlineData("subsystem/../../../../../../../etc/passwd")]
    public void The_kernels_own_sysfs_is_left_by_no_path_either(string path)
    {
        const string Loopback = "/devices/virtual/net/lo";
        using var tree = SysfsTree.Open();
        Assert.SkipUnless(tree.IsSysfs && Directory.Exists("/sys" + Loopback), "there is no sysfs with a loopback device here");
        using var device = DeviceDirectory.TryOpen(tree, Loopback, out _)!;
        var reader = new ValueReader(new Prober(), new UdevDatabase());
        var table = new QueryTable();
        var identity = new DeviceIdentity(Loopback, "net");
        Assert.False(reader.Ask(device, identity, table.Path(path, All)).Exists);
        Assert.Equal("00:00:00:00:00:00", reader.Ask(device, identity, table.Path("../lo/address", All)).Value);
        Assert.Equal("/class/net", reader.Ask(device, identity, table.Path("subsystem", All)).LinkTarget);
        Assert.True(reader.Ask(device, identity, table.Path("subsystem/lo/address", All)).Exists);
    }

    private static ScratchTree Tree()
    {
        var tree = new ScratchTree();
        tree.Device(Dev);
        tree.Write(Dev + "/deep/er/file", "");
        File.WriteAllText(tree.Outside("secret"), "secret");
        Directory.CreateDirectory(tree.Outside("dir/net"));
        File.WriteAllText(tree.Outside("dir/file"), "secret");
        File.WriteAllText(tree.Outside("dir/net/uevent"), "secret");
        File.CreateSymbolicLink(tree.Outside("dir/net/subsystem"), "../net");
        tree.Link(Dev + "/absolute", tree.Outside("secret"));
        tree.Link(Dev + "/relative", "../../../../../secret");
        tree.Link(Dev + "/chain", "relative");
        tree.Link(Dev + "/directory", tree.Outside("dir"));
        tree.Link("/devices/out", tree.Outside("dir"));
        return tree;
    }
}
