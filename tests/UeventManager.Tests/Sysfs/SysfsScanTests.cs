using System.Text;
using UeventManager.Sysfs;

namespace UeventManager.Tests.Sysfs;

/// <summary>What a scan misses is missing from the state for ever.</summary>
public sealed class SysfsScanTests
{
    [Fact]
    public void Finds_what_has_a_uevent_file_and_a_subsystem_parents_first()
    {
        using var tree = new ScratchTree();
        var child = tree.Device("/devices/pci/0000:01/net/eth0", "net", "INTERFACE=eth0\n");
        tree.Device("/devices/pci/0000:01", "pci");
        tree.Device("/devices/pci/0000:01/nvme", "nvme");
        Directory.CreateDirectory(tree.Inside(child + "/queues/rx-0"));
        tree.Write("/devices/noSubsystem/uevent", "");
        tree.Link("/devices/noUevent/subsystem", "../../class/net");
        tree.Link("/devices/again", "pci");
        var found = Scan(tree);
        Assert.Equal(
            [("/devices/pci/0000:01", "pci"), (child, "net"), ("/devices/pci/0000:01/nvme", "nvme")],
            found.Select(device => (device.DevPath, device.Subsystem)));
        Assert.Equal("INTERFACE=eth0\n", Encoding.UTF8.GetString(found[1].Uevent));
        using var open = tree.Open(child);
        Assert.Equal(open.Instance, found[1].Instance);
    }

    [Fact]
    public void Ten_thousand_devices_come_in_order_and_in_batches()
    {
        using var tree = new ScratchTree(large: true);
        Directory.CreateDirectory(tree.Inside("/class/net"));
        for (var i = 0; i < 10_000; i++)
        {
            var path = tree.Inside($"/devices/virtual/net/n{i:d5}");
            Directory.CreateDirectory(path);
            File.WriteAllText(path + "/uevent", $"IFINDEX={i}\n");
            File.CreateSymbolicLink(path + "/subsystem", "../../../../class/net");
        }
        var largest = 0;
        var found = new List<ScannedDevice>();
        SysfsScan.Run(tree.Tree, batch =>
        {
            largest = Math.Max(largest, batch.Count);
            found.AddRange(batch);
        }, TestContext.Current.CancellationToken);
        Assert.Equal(SysfsScan.BatchSize, largest);
        Assert.Equal(Enumerable.Range(0, 10_000).Select(i => $"/devices/virtual/net/n{i:d5}"), found.Select(device => device.DevPath));
        Assert.Equal(10_000, found.Select(device => device.Instance).Distinct().Count());
    }

    [Fact]
    public void Devices_that_vanish_meanwhile_disturb_nothing()
    {
        using var tree = new ScratchTree();
        tree.Device("/devices/stays");
        using var end = new CancellationTokenSource();
        var flapping = new Thread(() =>
        {
            while (!end.IsCancellationRequested)
            {
                tree.Device("/devices/flaps");
                tree.Device("/devices/flaps/below/deeper");
                Directory.Delete(tree.Inside("/devices/flaps"), recursive: true);
            }
        });
        flapping.Start();
        for (var i = 0; i < 50; i++)
            Assert.Contains(Scan(tree), device => device.DevPath == "/devices/stays");
        end.Cancel();
        flapping.Join();
    }

    [Fact]
    public void A_uevent_file_that_is_a_pipe_or_a_device_blocks_nothing()
    {
        using var tree = new ScratchTree();
        tree.Device("/devices/fifo");
        File.Delete(tree.Inside("/devices/fifo/uevent"));
        tree.Fifo("/devices/fifo/uevent");
        Assert.Empty(Assert.Single(Scan(tree)).Uevent);
    }

    [Fact]
    public void A_tree_without_devices_has_none_and_a_scan_can_be_ended()
    {
        using var tree = new ScratchTree();
        Assert.Empty(Scan(tree));
        tree.Device("/devices/x");
        Assert.Throws<OperationCanceledException>(() => SysfsScan.Run(tree.Tree, _ => { }, new CancellationToken(canceled: true)));
    }

    [Theory]
    [InlineData("devices/a", "devices/a/b", -1)]
    [InlineData("devices/a/b", "devices/a.b", -1)]
    [InlineData("devices/a.b", "devices/a/b", 1)]
    [InlineData("devices/a", "devices/a", 0)]
    public void Children_come_right_after_their_parent(string a, string b, int order) =>
        Assert.Equal(order, Math.Sign(SubsystemScan.Compare(Encoding.UTF8.GetBytes(a), Encoding.UTF8.GetBytes(b))));

    [Fact]
    public void A_class_for_compatibility_makes_no_second_device_and_names_no_subsystem()
    {
        using var tree = new ScratchTree();
        Directory.CreateDirectory(tree.Inside("/bus/i2c/devices"));
        tree.Write("/devices/i2c-0/uevent", "OF_NAME=i2c\n");
        tree.Link("/devices/i2c-0/subsystem", "../../bus/i2c");
        tree.Link("/bus/i2c/devices/i2c-0", "../../../devices/i2c-0");
        tree.Link("/class/i2c-adapter/i2c-0", "../../devices/i2c-0");
        tree.Link("/class/i2c-dev/gone", "../../devices/gone");
        var found = new List<ScannedDevice>();
        var output = new ScanOutput(tree.Tree, found.AddRange, TestContext.Current.CancellationToken);
        SubsystemScan.Run(tree.Tree, output);
        output.Flush();
        Assert.Equal([("/devices/i2c-0", "i2c")], found.Select(device => (device.DevPath, device.Subsystem)));
        Assert.Equal(0, output.Holes.Count);
    }

    [Fact]
    public void The_kernels_own_links_lead_to_what_walking_finds()
    {
        using var tree = SysfsTree.Open();
        Assert.SkipUnless(tree.IsSysfs, "there is no sysfs here");
        for (var tries = 0; ; tries++)
        {
            var walked = new List<ScannedDevice>();
            var output = new ScanOutput(tree, walked.AddRange, TestContext.Current.CancellationToken);
            DirectoryScan.Run(tree, output);
            output.Flush();
            var linked = new List<ScannedDevice>();
            SysfsScan.Run(tree, linked.AddRange, TestContext.Current.CancellationToken);
            if (Keys(walked).SequenceEqual(Keys(linked)))
                return;
            // Devices come and go on a real machine.
            Assert.True(tries < 5, string.Join('\n', Keys(walked).Except(Keys(linked)).Concat(Keys(linked).Except(Keys(walked)))));
        }
    }

    private static IEnumerable<string> Keys(IEnumerable<ScannedDevice> devices) =>
        devices.Select(device => $"{device.DevPath} {device.Subsystem} {device.Instance}");

    private static List<ScannedDevice> Scan(ScratchTree tree)
    {
        var found = new List<ScannedDevice>();
        SysfsScan.Run(tree.Tree, found.AddRange, TestContext.Current.CancellationToken);
        return found;
    }
}
