using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>Beside udevd a consumer gets udev's data with the device; without udevd no device waits for it.</summary>
public sealed class UdevTests
{
    private const string Rules = """
        version: 1
        subsystem: [usb, block]
        rules:
          - name: known-to-udev
            on: [add]
            wait: [{udev: true}]
            timeout: 10min
            attach: {udev: ["ID_*"]}
        """;

    private const string Usb = "/devices/pci0000:00/0000:00:14.0/usb1/1-2";
    private const string Interface = Usb + "/1-2:1.0";
    private const string Unit = Interface + "/host6/target6:0:0/6:0:0:0";

    [Fact]
    public void A_stick_and_its_disk_are_announced_with_what_udev_knows_of_them()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        using var udevd = UdevdProcess.Start(sandbox, sysfs);
        using var daemon = Start(sandbox, sysfs, udevd.Database);
        using var consumer = daemon.Subscribe(new { filter = new { subsystems = new[] { "usb", "block" } } });
        using var kernel = new UeventInjector(sandbox);
        udevd.Freeze();
        PlugIn(sysfs, kernel);
        Eventually.SameSet(
            () => [Usb, Unit + "/block/sdy"],
            () => daemon.List(new { unsettled = true }).Where(one => one.Missing.Any(text => text.Contains("udev", StringComparison.Ordinal))).Select(one => one.DevPath),
            Deadline.Default, "the stick and its disk wait for udev");
        Assert.DoesNotContain(Usb, consumer.Picture.Keys);

        udevd.Thaw();
        var stick = consumer.WaitForEvent(one => one.IsAt("add", Usb), Deadline.Seconds(60)).Device;
        Assert.True(stick.Settled, stick.ToString());
        Assert.Equal("0951", stick.Property("ID_VENDOR_ID"));
        Assert.Equal("Kingston_DataTraveler_60A44C413FAE", stick.Property("ID_SERIAL"));
        var disk = consumer.WaitForEvent(one => one.IsAt("add", Unit + "/block/sdy"), Deadline.Seconds(60)).Device;
        Assert.True(disk.Settled, disk.ToString());
        Assert.Equal("0951", disk.Property("ID_VENDOR_ID"));
        Assert.Equal("Kingston_DataTraveler_3.0_60A44C413FAE-0:0", disk.Property("ID_SERIAL"));
        Assert.Equal("usb", disk.Property("ID_BUS"));
        Assert.Empty(disk.Missing);
    }

    [Fact]
    public void Without_udevd_a_udev_condition_holds_no_device()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        using var nowhere = new ScratchDirectory("noudev");
        using var daemon = Start(sandbox, sysfs, nowhere.Combine("data"));
        using var consumer = daemon.Subscribe(new { filter = new { subsystems = new[] { "usb", "block" } } });
        using var kernel = new UeventInjector(sandbox);
        PlugIn(sysfs, kernel);
        // The rule's timeout is far beyond the deadline of these.
        var stick = consumer.WaitForEvent(one => one.IsAt("add", Usb)).Device;
        var disk = consumer.WaitForEvent(one => one.IsAt("add", Unit + "/block/sdy")).Device;
        Assert.All([stick, disk], device => Assert.True(device.Settled && device.Rule == "known-to-udev", device.ToString()));
        Assert.All([stick, disk], device => Assert.Null(device.Property("ID_SERIAL")));
        Assert.All(daemon.List(new { unsettled = true }), device => Assert.True(device.Settled, device.ToString()));
    }

    private static DaemonProcess Start(Sandbox sandbox, FakeSysfs sysfs, string database)
    {
        sysfs.AddBus("usb");
        sysfs.AddBus("scsi");
        return DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root, Rules = Rules, Arguments = ["--udev-db", database] });
    }

    // What usb_id, a builtin of udev's, reads for the stick itself and for the disk behind it.
    private static void PlugIn(FakeSysfs sysfs, UeventInjector kernel)
    {
        string[] usb = ["MAJOR=189", "MINOR=4", "DEVNAME=bus/usb/001/005", "DEVTYPE=usb_device"];
        var stick = Device(sysfs, Usb, "usb", usb, "idVendor=0951", "idProduct=1666", "manufacturer=Kingston", "product=DataTraveler",
            "serial=60A44C413FAE", "bDeviceClass=00", "bcdDevice=0110", "busnum=1", "devnum=5");
        Device(sysfs, Interface, "usb", ["DEVTYPE=usb_interface"], "bInterfaceNumber=00", "bInterfaceClass=08", "bInterfaceSubClass=06", "bInterfaceProtocol=50");
        Device(sysfs, Unit, "scsi", ["DEVTYPE=scsi_device"], "type=0", "vendor=Kingston", "model=DataTraveler 3.0", "rev=PMAP");
        // A number that the machine may have too: udevd's /dev has no node of it.
        string[] block = ["MAJOR=65", "MINOR=128", "DEVNAME=sdy", "DEVTYPE=disk"];
        var disk = Device(sysfs, Unit + "/block/sdy", "block", block, "size=0");
        kernel.Send("add", stick, usb);
        kernel.Send("add", disk, block);
    }

    private static FakeDevice Device(FakeSysfs sysfs, string devpath, string subsystem, string[] uevent, params string[] attributes)
    {
        var device = sysfs.AddDevice(devpath, subsystem, uevent);
        foreach (var attribute in attributes)
            device.Write(attribute[..attribute.IndexOf('=')], attribute[(attribute.IndexOf('=') + 1)..] + "\n");
        return device;
    }
}
