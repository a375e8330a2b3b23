using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>A second device with the same name on a bus waits for the remove of the first.</summary>
public sealed class ConflictTests
{
    [Fact]
    public void Two_devices_of_one_bus_are_never_announced_with_one_name()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        sysfs.AddBus("twins");
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root });
        using var subscription = daemon.Subscribe();
        using var injector = new UeventInjector(sandbox);

        var first = sysfs.AddDevice("/devices/card0/port", "twins");
        injector.Send("add", first);
        Assert.Equal("/devices/card0/port", subscription.NextEvent().Device.DevPath);

        // device_del() takes the name off the bus (bus_remove_device()) before it sends the remove.
        File.Delete(first.IndexLink);
        var second = sysfs.AddDevice("/devices/card1/port", "twins");
        injector.Send("add", second);
        var other = sysfs.AddDevice("/devices/card1/other", "twins");
        injector.Send("add", other);
        Assert.Equal("/devices/card1/other", subscription.NextEvent().Device.DevPath);
        injector.Send("remove", first);
        Directory.Delete(first.Path, recursive: true);

        Assert.Equal(["remove /devices/card0/port", "add /devices/card1/port"],
            [.. new[] { subscription.NextEvent(), subscription.NextEvent() }.Select(one => $"{one.Action} {one.Device.DevPath}")]);
        Assert.Equal(1, daemon.Counters()["conflicts"]);
        daemon.SaidOnce(line => line.Contains("/devices/card1/port", StringComparison.Ordinal) && line.Contains("/devices/card0/port", StringComparison.Ordinal));
    }
}
