using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>A daemon that starts beside a running udevd uses what udevd has processed before and processes later.</summary>
public sealed class UdevStartTests
{
    private const string Rules = """
        version: 1
        subsystem: [block, virtio]
        rules:
          - name: known-to-udev
            on: [add]
            wait: [{udev: true}]
            timeout: 10min
            attach: {udev: ["TEST_*"]}
        """;

    private const string Disk = "/devices/virtual/block/sdy";
    private const string Null = "/devices/virtual/mem/null";
    private const string Virtio = "/devices/pci0000:00/virtio0";

    private static readonly string[] DiskNumbers = ["MAJOR=65", "MINOR=128", "DEVNAME=sdy", "DEVTYPE=disk"];
    private static readonly string[] NullNumbers = ["MAJOR=1", "MINOR=3", "DEVNAME=null"];

    [Fact]
    public void A_device_of_which_udevd_keeps_no_entry_is_announced()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        using var udevd = UdevdProcess.Start(sandbox, sysfs);
        using var kernel = new UeventInjector(sandbox);
        var device = sysfs.AddDevice(Virtio, "virtio");
        kernel.Send("add", device);
        udevd.Settle(sandbox);
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root, Rules = Rules, Arguments = ["--udev-db", udevd.Database] });
        using var consumer = daemon.Subscribe(new { unsettled = true });
        // Without the entry of /dev/null it could also be the time before the first pass over all devices.
        Assert.Contains("udev: true", Assert.Single(consumer.Picture[Virtio].Missing), StringComparison.Ordinal);
        kernel.Send("add", sysfs.AddDevice(Null, "mem", NullNumbers), NullNumbers);
        Eventually.Holds(() => File.Exists(udevd.Database + "/c1:3"), Deadline.Seconds(60), "udevd has processed /dev/null");
        Assert.False(File.Exists(udevd.Database + "/+virtio:virtio0"));
        Assert.True(consumer.WaitForEvent(one => one.IsAt("add", Virtio), Deadline.Seconds(60)).Device.Settled);
    }

    [Fact]
    public void What_udevd_says_of_an_event_from_before_the_start_follows()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        using var udevd = UdevdProcess.Start(sandbox, sysfs, "SUBSYSTEM==\"block\", ENV{TEST_SERIAL}=\"$attr{serial}\"\n");
        using var kernel = new UeventInjector(sandbox);
        var device = sysfs.AddDevice(Disk, "block", DiskNumbers);
        device.Write("serial", "one\n");
        kernel.Send("add", device, DiskNumbers);
        udevd.Settle(sandbox);
        udevd.Freeze();
        device.Write("serial", "two\n");
        kernel.Send("change", device, DiskNumbers);
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root, Rules = Rules, Arguments = ["--udev-db", udevd.Database] });
        using var consumer = daemon.Subscribe(new { filter = new { subsystems = new[] { "block" } } });
        Assert.Equal("one", consumer.Picture[Disk].Property("TEST_SERIAL"));
        udevd.Thaw();
        var change = consumer.WaitForEvent(one => one.IsAt("change", Disk), Deadline.Seconds(60));
        Assert.Equal("two", change.Device.Property("TEST_SERIAL"));
    }
}
