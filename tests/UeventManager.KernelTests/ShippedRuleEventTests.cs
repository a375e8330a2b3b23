using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>The shipped rules with a daemon: devices found at the start, and real disks.</summary>
public sealed class ShippedRuleEventTests
{
    private static readonly string[] s_rules = ["--rules", Path.Combine(Repository.Root, "rules")];

    [Fact]
    public void A_USB_device_that_existed_before_is_complete_with_its_interfaces()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        sysfs.AddBus("usb");
        var there = sysfs.AddDevice("/devices/pci0000:00/usb1", "usb", "DEVTYPE=usb_device");
        sysfs.AddDevice("/devices/pci0000:00/usb1/1-0:1.0", "usb", "DEVTYPE=usb_interface").Write("bNumEndpoints", "00");
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root, Arguments = s_rules });
        using var subscription = daemon.Subscribe();
        using var injector = new UeventInjector(sandbox);
        Assert.Empty(subscription.Picture[there.DevPath].Missing);
        var device = sysfs.AddDevice("/devices/pci0000:00/usb1/1-2", "usb", "DEVTYPE=usb_device");
        injector.Send("add", device, "DEVTYPE=usb_device");
        foreach (var number in new[] { 0, 1 })
        {
            var one = sysfs.AddDevice($"{device.DevPath}/1-2:1.{number}", "usb", "DEVTYPE=usb_interface");
            one.Write("bNumEndpoints", "00");
            injector.Send("add", one, "DEVTYPE=usb_interface");
        }
        injector.Send("bind", device, "DEVTYPE=usb_device", "DRIVER=usb");
        var add = subscription.WaitForEvent(one => one.IsAt("add", device.DevPath));
        Assert.Empty(add.Device.Missing);
        Assert.Equal("usb-device", add.Device.Rule);
    }

    [Fact]
    public void A_new_disk_is_announced_with_its_queue()
    {
        if (!File.Exists("/sys/class/zram-control/hot_add"))
            Assert.Skip("needs zram: modprobe zram");
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Arguments = s_rules });
        using var subscription = daemon.Subscribe(new { filter = new { subsystems = new[] { "block" } } });
        var number = sandbox.Run("cat /sys/class/zram-control/hot_add").Ok().Output.Trim();
        try
        {
            var add = subscription.WaitForEvent(one => one.Is("add", $"zram{number}"));
            Assert.Equal(("block-disk", true), (add.Device.Rule, add.Device.Settled));
            Assert.Empty(add.Device.Missing);
            Assert.True(File.Exists($"/sys/block/zram{number}/queue/logical_block_size"));
        }
        finally
        {
            sandbox.Run($"echo {number} > /sys/class/zram-control/hot_remove");
        }
        subscription.WaitForEvent(one => one.Is("remove", $"zram{number}"));
    }
}
