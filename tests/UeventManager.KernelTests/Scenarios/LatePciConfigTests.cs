using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Scenarios;

/// <summary>
/// The first thread's other story, as kernels before 5.13 tell it: a function is removed by sysfs and found again by a rescan, its ADD
/// comes before pci_create_sysfs_dev_files() has made <c>config</c>, and libvirt balks at it.
/// </summary>
public sealed class LatePciConfigTests : IDisposable
{
    private const int Rounds = 20;
    private const string Address = "0000:00:1f.6";
    private readonly Stage _stage = new("pci");

    public LatePciConfigTests() => Directory.CreateDirectory($"{_stage.Sysfs.Root}/bus/pci/drivers/e1000e");

    public void Dispose() => _stage.Dispose();

    [Fact]
    public void A_function_that_is_removed_and_found_again_is_each_time_announced_with_its_config_and_never_before()
    {
        var function = Find();
        Complete(function);
        using var libvirt = _stage.Begin(Stage.Shipped("50-pci.yaml"), "pci");
        Assert.Equal([function.DevPath], libvirt.Picture.Keys);
        for (var round = 0; round < Rounds; round++)
        {
            _stage.Kernel.Send("remove", function);
            function.Remove();
            function = Find();
            _stage.Kernel.Send("add", function);
            Assert.Equal([$"remove {Address}"], Stage.Names(_stage.UpToNow(libvirt)));

            Complete(function);
            _stage.Kernel.Send("bind", function, "DRIVER=e1000e");
            var add = libvirt.NextEvent();
            Assert.True(add.Is("add", Address), add.ToString());
            Assert.True(add.Device.Settled, add.ToString());
            Assert.True(File.Exists(function.Path + "/config"));
            Assert.EndsWith("e1000e", add.Device.Link("driver"), StringComparison.Ordinal);
            Assert.All(_stage.UpToNow(libvirt), one => Assert.Equal("bind", one.Action));
        }

        _stage.EndsEqual(libvirt);
    }

    [Fact]
    public void A_function_that_is_removed_before_its_config_exists_is_never_announced()
    {
        using var libvirt = _stage.Begin(Stage.Shipped("50-pci.yaml"), "pci");
        for (var round = 0; round < Rounds; round++)
        {
            var function = Find();
            _stage.Kernel.Send("add", function);
            Assert.Empty(_stage.UpToNow(libvirt));
            _stage.Kernel.Send("remove", function);
            function.Remove();
        }

        Assert.Empty(_stage.UpToNow(libvirt));
        Assert.Equal(Rounds, _stage.Daemon.Counters()["vanished"]);
        _stage.EndsEqual(libvirt);
    }

    /// <summary>pci_device_add().</summary>
    private FakeDevice Find() => _stage.Sysfs.AddDevice($"/devices/pci0000:00/{Address}", "pci", "PCI_CLASS=20000", $"PCI_SLOT_NAME={Address}");

    /// <summary>pci_bus_add_device(), in its order; and the interface of the driver's probe, which the rule waits for too.</summary>
    private static void Complete(FakeDevice function)
    {
        function.Write("resource0", "");
        function.Link("driver", "/bus/pci/drivers/e1000e");
        Directory.CreateDirectory(function.Path + "/net/eth0");
        function.Write("config", "");
    }
}
