using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Scenarios;

/// <summary>
/// The first thread's story: libvirt hears the ADD of a mediated device and looks for a type that mdev_create_sysfs_files() makes last,
/// after the driver is bound. Whoever then writes <c>remove</c> gets EAGAIN and loses the device for ever.
/// </summary>
public sealed class LateMdevTypeTests : IDisposable
{
    private const string Uuid = "802d71a3-560d-4316-999a-4c2033b7fbb2";
    private const string Parent = "/devices/virtual/mtty/mtty";
    private readonly Stage _stage = new("mdev");

    public LateMdevTypeTests()
    {
        var parent = _stage.Sysfs.AddDevice(Parent, "mtty");
        parent.Write("mdev_supported_types/mtty-1/name", "Single port serial\n");
        Directory.CreateDirectory($"{_stage.Sysfs.Root}/kernel/iommu_groups/7");
        Directory.CreateDirectory($"{_stage.Sysfs.Root}/bus/mdev/drivers/vfio_mdev");
        Directory.CreateDirectory($"{_stage.Sysfs.Root}/class/vfio-dev");
    }

    public void Dispose() => _stage.Dispose();

    [Fact]
    public void An_mdev_whose_type_appears_after_its_bind_is_announced_once_with_its_type_and_before_its_vfio_device()
    {
        using var libvirt = _stage.Begin(Stage.Shipped("40-mdev.yaml"), "mdev", "vfio-dev");
        var mdev = Create();
        Attach(mdev);
        var vfio = _stage.Sysfs.AddDevice($"{mdev.DevPath}/vfio-dev/vfio0", "vfio-dev");
        _stage.Kernel.Send("add", vfio);
        Bind(mdev);
        Assert.Empty(_stage.UpToNow(libvirt));

        mdev.Link("mdev_type", $"{Parent}/mdev_supported_types/mtty-1");
        var events = libvirt.EventsUntil(one => one.Is("add", "vfio0"));
        Assert.Equal([$"add {Uuid}", "add vfio0"], Stage.Names(events));
        IsWhole(events[0]);
        Assert.Equal("vfio_mdev", events[0].Device.Property("DRIVER"));
        Assert.Empty(_stage.UpToNow(libvirt));
    }

    [Fact]
    public void An_mdev_whose_type_comes_after_its_add_is_announced_with_it_and_its_bind_follows()
    {
        using var libvirt = _stage.Begin(Stage.Shipped("40-mdev.yaml"), "mdev");
        var mdev = Create();
        Assert.Empty(_stage.UpToNow(libvirt));
        Attach(mdev);
        mdev.Link("mdev_type", $"{Parent}/mdev_supported_types/mtty-1");
        var add = libvirt.NextEvent();
        Assert.True(add.Is("add", Uuid), add.ToString());
        IsWhole(add);
        Bind(mdev);
        // It carries what its rule attaches, as that is now: another device's events do not wait for it.
        var bind = libvirt.NextEvent();
        Assert.True(bind.Is("bind", Uuid), bind.ToString());
        IsWhole(bind);
    }

    [Fact]
    public void A_request_for_an_incomplete_mdev_reports_what_is_missing_and_never_returns_it_incomplete()
    {
        using var libvirt = _stage.Begin(Stage.Shipped("40-mdev.yaml"), "mdev");
        var mdev = Create();
        Attach(mdev);
        Assert.Empty(_stage.UpToNow(libvirt));
        using var probe = _stage.Daemon.Connect();
        var half = probe.CallForError(VarlinkProbe.Devices + "Get", new { device = mdev.DevPath });
        Assert.Equal(VarlinkProbe.Devices + "NotSettled", half.Error);
        Assert.Equal(["exists: mdev_type"], half.Parameters.GetProperty("missing").EnumerateArray().Select(item => item.GetString()!));
        Assert.DoesNotContain(_stage.Daemon.List(), device => device.DevPath == mdev.DevPath);

        mdev.Link("mdev_type", $"{Parent}/mdev_supported_types/mtty-1");
        IsWhole(libvirt.NextEvent());
        var whole = new DeviceView(probe.Call(VarlinkProbe.Devices + "Get", new { device = mdev.DevPath }).GetProperty("device"));
        Assert.Equal("Single port serial", whole.Attribute("mdev_type/name"));
    }

    /// <summary>device_add() in mdev_device_create().</summary>
    private FakeDevice Create()
    {
        var mdev = _stage.Sysfs.AddDevice($"{Parent}/{Uuid}", "mdev");
        _stage.Kernel.Send("add", mdev);
        return mdev;
    }

    private static void Attach(FakeDevice mdev)
    {
        mdev.Link("iommu_group", "/kernel/iommu_groups/7");
        mdev.Link("driver", "/bus/mdev/drivers/vfio_mdev");
        mdev.Write("uevent", "DRIVER=vfio_mdev\n");
    }

    private void Bind(FakeDevice mdev) => _stage.Kernel.Send("bind", mdev, "DRIVER=vfio_mdev");

    private static void IsWhole(EventView add)
    {
        Assert.True(add.Device.Settled, add.ToString());
        Assert.Empty(add.Device.Missing);
        Assert.Equal("Single port serial", add.Device.Attribute("mdev_type/name"));
        Assert.EndsWith("mtty-1", add.Device.Link("mdev_type"), StringComparison.Ordinal);
        Assert.EndsWith("vfio_mdev", add.Device.Link("driver"), StringComparison.Ordinal);
    }
}
