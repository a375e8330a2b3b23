using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.HarnessTests;

/// <summary>The fake tree has the shape of sysfs.</summary>
public sealed class FakeSysfsTests
{
    [Fact]
    public void A_device_has_the_links_of_the_real_one()
    {
        using var sysfs = new FakeSysfs();
        sysfs.AddBus("wire");
        var parent = sysfs.AddDevice("/devices/root0/wire0", "wire", "MODALIAS=wire:0");
        var child = sysfs.AddDevice("/devices/root0/wire0/net/n0", "net");
        Assert.Equal("../../../bus/wire", new FileInfo(parent.Path + "/subsystem").LinkTarget);
        Assert.Equal("../../../../../class/net", new FileInfo(child.Path + "/subsystem").LinkTarget);
        Assert.True(File.Exists(sysfs.Root + "/class/net/n0/uevent"));
        Assert.Equal("MODALIAS=wire:0\n", File.ReadAllText(sysfs.Root + "/bus/wire/devices/wire0/uevent"));
        Assert.Equal([parent.DevPath, child.DevPath], sysfs.DevPaths());
    }

    [Fact]
    public void Fake_devices_get_late_files_and_disappear_when_removed()
    {
        using var sysfs = new FakeSysfs();
        var device = sysfs.AddDevice("/devices/virtual/uem/u0", "uem");
        Assert.False(File.Exists(device.Path + "/queues/rx-0/value"));
        device.Write("queues/rx-0/value", "1\n");
        device.Link("deep/leader", "/devices/virtual/uem/u0");
        Assert.Equal("1\n", File.ReadAllText(device.Path + "/deep/leader/queues/rx-0/value"));
        device.Remove();
        Assert.Empty(sysfs.DevPaths());
        Assert.Null(new FileInfo(sysfs.Root + "/class/uem/u0").LinkTarget);
        Assert.Empty(Directory.EnumerateFiles(sysfs.Root));
    }
}
