using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>
/// A class comes and goes with its module, and its events are read later. Without these a device stays in <c>list</c> for ever, or is listed
/// under a subsystem that it is not of.
/// </summary>
public sealed class SubsystemTests : IDisposable
{
    private static readonly string[] s_mine = ["msr", "i2c", "i2c-adapter", "late"];

    private readonly Sandbox _sandbox = Sandbox.Create();
    private readonly FakeSysfs _sysfs = new();

    public void Dispose()
    {
        _sysfs.Dispose();
        _sandbox.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_device_is_removed_although_its_class_or_bus_is_already_gone(bool isBus)
    {
        if (isBus)
            _sysfs.AddBus("msr");
        var device = _sysfs.AddDevice("/devices/virtual/msr/msr0", "msr");
        using var daemon = Start();
        using var subscription = Subscribe(daemon);
        using var injector = new UeventInjector(_sandbox);
        Assert.Single(subscription.Picture);
        Unload(device, isBus);
        injector.Send("remove", device);
        var remove = subscription.NextEvent();
        Assert.True(remove.IsAt("remove", device.DevPath) && !remove.Device.IsKobject && !remove.Synthetic, remove.ToString());
        Assert.Empty(daemon.List());
        // And comes again: nothing is made up.
        if (isBus)
            _sysfs.AddBus("msr");
        injector.Send("add", _sysfs.AddDevice(device.DevPath, "msr"));
        Assert.True(subscription.NextEvent() is { Action: "add", Device.IsKobject: false });
        Assert.Equal(0, daemon.Counters()["syntheticRemoves"]);
    }

    [Fact]
    public void A_restored_state_knows_its_subsystems_too()
    {
        var device = _sysfs.AddDevice("/devices/virtual/msr/msr0", "msr");
        using var daemon = Start();
        using var injector = new UeventInjector(_sandbox);
        Assert.Equal(0, daemon.Terminate());
        // The class goes while nobody runs; the device's directory, for the sake of the test, only afterwards.
        Directory.Delete(_sysfs.Root + "/class/msr", recursive: true);
        daemon.StartAgain();
        using var subscription = Subscribe(daemon);
        Assert.Single(subscription.Picture);
        Directory.Delete(device.Path, recursive: true);
        injector.Send("remove", device);
        Assert.True(subscription.NextEvent() is { Action: "remove", Device.IsKobject: false });
        // Of one that nobody knew: it is a device's, and so it is counted only.
        injector.Send("remove", "/devices/virtual/msr/msr1", "msr");
        injector.Send("add", _sysfs.AddDevice("/devices/virtual/late/l", "late"));
        Assert.True(subscription.NextEvent().Is("add", "l"));
        Assert.Equal(1, daemon.Counters()["unknownRemoves"]);
    }

    [Fact]
    public void The_subsystem_link_decides_where_the_event_says_otherwise()
    {
        _sysfs.AddBus("i2c");
        Directory.CreateDirectory(_sysfs.Root + "/class/i2c-adapter");
        using var daemon = Start();
        using var subscription = Subscribe(daemon);
        using var injector = new UeventInjector(_sandbox);
        var device = _sysfs.AddDevice("/devices/i2c-0", "i2c");
        injector.Send("add", device.DevPath, "i2c-adapter");
        Assert.Equal("i2c", subscription.NextEvent().Device.Subsystem);
        Assert.Equal([device.DevPath], daemon.List(new { filter = new { subsystems = new[] { "i2c" } } }).Select(one => one.DevPath));
        Assert.Empty(daemon.List(new { filter = new { subsystems = new[] { "i2c-adapter" } } }));
        injector.Send("change", device.DevPath, "i2c-adapter");
        Assert.True(subscription.NextEvent() is { Action: "change", Device.Subsystem: "i2c" });
        device.Remove();
        injector.Send("remove", device.DevPath, "i2c-adapter");
        Assert.True(subscription.NextEvent() is { Action: "remove", Device.Subsystem: "i2c" });
    }

    [Fact]
    public void A_class_that_appears_after_its_devices_first_event_turns_the_kobject_into_a_device()
    {
        using var daemon = Start();
        using var subscription = Subscribe(daemon);
        using var injector = new UeventInjector(_sandbox);
        // Its directory and uevent file are there, its class and link are not.
        var device = _sysfs.AddDevice("/devices/virtual/late/l0", "late");
        File.Delete(device.Path + "/subsystem");
        Directory.Delete(_sysfs.Root + "/class/late", recursive: true);
        injector.Send("add", device);
        Assert.True(subscription.NextEvent() is { Action: "add", Device.IsKobject: true });
        Directory.CreateDirectory(_sysfs.Root + "/class/late");
        device.Link("subsystem", "/class/late");
        Assert.True(subscription.NextEvent() is { Action: "add", Device.IsKobject: false, Synthetic: true });
        Assert.Empty(subscription.Gaps);
        Assert.Equal([device.DevPath], daemon.List().Select(one => one.DevPath));
    }

    private DaemonProcess Start() => DaemonProcess.Start(_sandbox, new DaemonOptions { Sysfs = _sysfs.Root });

    private static Subscription Subscribe(DaemonProcess daemon) => daemon.Subscribe(new { filter = new { subsystems = s_mine } });

    // delete_module(): device_del() sends the remove, then the class goes; all of it before anybody has read that.
    private void Unload(FakeDevice device, bool isBus)
    {
        device.Remove();
        Directory.Delete($"{_sysfs.Root}/{(isBus ? "bus" : "class")}/msr", recursive: true);
    }
}
