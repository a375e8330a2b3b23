using Tmds.Linux;
using UeventManager.Core.Rules;
using UeventManager.Sysfs;

namespace UeventManager.Tests.Sysfs;

/// <summary>A rule's question about a path is answered as sysfs is at that moment.</summary>
public sealed class ProberTests
{
    private const string Dev = "/devices/pci0000:00/net/eth0";

    [Theory]
    [InlineData("uevent", true)]
    [InlineData("queues", true)]
    [InlineData("queues/rx-0", true)]
    [InlineData("queues/rx-1", false)]
    [InlineData("uevent/x", false)]
    [InlineData("driver", true)]
    [InlineData("driver/module", true)]
    [InlineData("driver/nothing", false)]
    [InlineData("dangling", false)]
    [InlineData("loop", false)]
    [InlineData("loop/x", false)]
    [InlineData("../..", true)]
    [InlineData("../../vendor", true)]
    [InlineData("a..b", true)]
    public void Existence_follows_symlinks(string path, bool exists)
    {
        using var tree = Tree();
        Assert.Equal(exists, tree.Ask(Dev, path).Exists);
    }

    [Theory]
    [InlineData("driver", "/bus/pci/drivers/igb")]
    [InlineData("driver/module", "/module/igb")]
    [InlineData("dangling", "/devices/pci0000:00/net/gone")]
    [InlineData("absolute", "/bus/pci/drivers/igb")]
    [InlineData("whole", "/bus/pci/drivers/igb")]
    [InlineData("uevent", null)]
    [InlineData("queues/rx-0", null)]
    [InlineData("missing", null)]
    [InlineData("loop", null)]
    public void Links_are_written_as_paths_below_the_root(string path, string? target)
    {
        using var tree = Tree();
        Assert.Equal(target, tree.Ask(Dev, path, QueryNeeds.Link).LinkTarget);
    }

    [Fact]
    public void A_loop_of_symlinks_is_named()
    {
        using var tree = Tree();
        Assert.Equal(LibC.ELOOP, tree.Ask(Dev, "loop").Errno);
    }

    [Theory]
    [InlineData("queues/rx-*", 1)]
    [InlineData("queues/*", 2)]
    [InlineData("*/rx-?", 1)]
    [InlineData("virtfn*", 3)]
    [InlineData("virtfn[01]", 2)]
    [InlineData("virtfn*/config", 2)]
    [InlineData("driver/*", 2)]
    [InlineData("queues", 1)]
    [InlineData("queues/rx-0", 1)]
    [InlineData("dangling", 1)]
    [InlineData("nothing/*", 0)]
    [InlineData("uevent/*", 0)]
    [InlineData("**/bql", 1)]
    [InlineData("queues/**", 3)]
    [InlineData("**/config", 0)]
    [InlineData("escape/*", 0)]
    public void Names_that_match_a_glob_are_counted(string glob, int count)
    {
        using var tree = Tree();
        Assert.Equal(count, tree.Ask(Dev, new QueryTable().Names(glob)).Count);
    }

    [Fact]
    public void A_deep_glob_ends_at_its_depth()
    {
        using var tree = new ScratchTree();
        tree.Device(Dev);
        tree.Write(Dev + "/1/2/3/4/5/6/7/found", "");
        tree.Write(Dev + "/1/2/3/4/5/6/7/8/found", "");
        Assert.Equal(1, tree.Ask(Dev, new QueryTable().Names("**/found")).Count);
    }

    [Fact]
    public void Existence_allocates_nothing()
    {
        using var tree = Tree();
        using var device = tree.Open(Dev);
        var identity = new DeviceIdentity(Dev, "net");
        var table = new QueryTable();
        SysfsQuery[] queries = [table.Path("queues", QueryNeeds.Exists), table.Path("mdev_type", QueryNeeds.Exists), table.Path("queues/rx-0", QueryNeeds.Exists)];
        for (var round = 0; ; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 1000; i++)
            {
                foreach (var query in queries)
                    tree.Prober.Ask(device, identity, query);
            }
            if (GC.GetAllocatedBytesForCurrentThread() == before)
                return;
            Assert.True(round < 3, "it allocates each time");
        }
    }

    private static ScratchTree Tree()
    {
        var tree = new ScratchTree();
        tree.Device(Dev);
        tree.Write("/devices/pci0000:00/vendor", "0x8086\n");
        tree.Write(Dev + "/queues/rx-0/rps", "");
        tree.Write(Dev + "/queues/bql", "");
        File.Delete(tree.Inside(Dev + "/queues/rx-0/rps"));
        tree.Write(Dev + "/queues/rx-0/rps_cpus", "");
        tree.Write(Dev + "/a..b", "");
        tree.Write("/bus/pci/drivers/igb/bind", "");
        tree.Write("/module/igb/refcnt", "1\n");
        tree.Link("/bus/pci/drivers/igb/module", "../../../../module/igb");
        tree.Link(Dev + "/driver", "../../../../bus/pci/drivers/igb");
        tree.Link(Dev + "/absolute", "/bus/pci/drivers/igb");
        tree.Link(Dev + "/whole", tree.Inside("/bus/pci/drivers/igb"));
        tree.Link(Dev + "/dangling", "../gone");
        tree.Link(Dev + "/loop", "loop");
        Directory.CreateDirectory(tree.Outside("secret/dir"));
        tree.Link(Dev + "/escape", tree.Outside("secret"));
        for (var i = 0; i < 2; i++)
        {
            tree.Write($"/devices/pci0000:00/vf{i}/config", "");
            tree.Link($"{Dev}/virtfn{i}", $"../../vf{i}");
        }
        tree.Link(Dev + "/virtfn2", "../../vf2");
        return tree;
    }

    [Theory]
    [InlineData("q*", 100, true)]
    [InlineData("q*", 300, false)]
    [InlineData("**", 300, false)]
    [InlineData("*/q*", 300, false)]
    [InlineData("q299", 300, true)]
    public void A_look_on_the_engines_thread_lists_only_few_names(string glob, int names, bool isQuick)
    {
        using var tree = new ScratchTree();
        tree.Device("/devices/x");
        for (var i = 0; i < names; i++)
            tree.Write(glob.StartsWith("*/", StringComparison.Ordinal) ? $"/devices/x/d{i}/q{i}" : $"/devices/x/q{i}", "");
        using var device = tree.Open("/devices/x");
        var query = new QueryTable().Names(glob);
        Assert.Equal(isQuick, tree.Prober.TryAsk(device, new DeviceIdentity("/devices/x", "net"), query, out var quick));
        var whole = tree.Prober.Ask(device, new DeviceIdentity("/devices/x", "net"), query);
        Assert.True(whole.Count >= (glob == "q299" ? 1 : names));
        if (isQuick)
            Assert.Equal(whole.Count, quick.Count);
    }

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public void A_look_on_the_engines_thread_follows_only_few_links(int links, bool isQuick)
    {
        using var tree = new ScratchTree();
        tree.Device("/devices/x");
        for (var i = 0; i < links; i++)
            tree.Link($"/devices/x/m{i}", "../x");
        using var device = tree.Open("/devices/x");
        var query = new QueryTable().Links("m*");
        Assert.Equal(isQuick, tree.Prober.TryAsk(device, new DeviceIdentity("/devices/x", "net"), query, out _));
        Assert.Equal(links, tree.Prober.Ask(device, new DeviceIdentity("/devices/x", "net"), query).Targets!.Count);
    }
}
