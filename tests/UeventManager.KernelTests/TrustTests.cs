using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>Only the kernel's datagrams are accepted.</summary>
public sealed class TrustTests
{
    [Fact]
    public void A_spoofed_uevent_announces_and_removes_nothing_and_is_counted()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        var real = sysfs.AddDevice("/devices/virtual/trust/real", "trust");
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root });
        using var subscription = daemon.Subscribe();
        var before = daemon.Counters();
        // It exists in the tree: nothing but its sender speaks against it.
        var spoofed = sysfs.AddDevice("/devices/virtual/trust/spoofed", "trust");
        using var spoofer = new UeventSpoofer(sandbox);
        var port = Assert.Single(NetlinkListener.Of(sandbox)).Port;
        spoofer.Multicast("add", spoofed.DevPath, "trust");
        spoofer.Multicast("remove", real.DevPath, "trust");
        spoofer.Unicast(port, "add", spoofed.DevPath, "trust");
        using var injector = new UeventInjector(sandbox);
        var marker = sysfs.AddDevice("/devices/virtual/trust/marker", "trust");
        injector.Send("add", marker);

        var events = subscription.EventsUntil(one => one.Is("add", "marker"));
        Assert.DoesNotContain(events, one => one.Device.SysName is "spoofed" or "real");
        Assert.Equal([marker.DevPath, real.DevPath], daemon.List().Select(device => device.DevPath).Order(StringComparer.Ordinal));
        var after = daemon.Counters();
        var rejected = after.Where(one => one.Key.StartsWith("rejected", StringComparison.Ordinal))
            .Sum(one => one.Value - before.GetValueOrDefault(one.Key));
        Assert.Equal(3, rejected);
    }

    [Fact]
    public void A_uevent_whose_path_leads_out_of_the_tree_is_not_followed()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        var marker = sysfs.AddDevice("/devices/virtual/trust/marker", "trust");
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root });
        using var subscription = daemon.Subscribe();
        using var injector = new UeventInjector(sandbox);
        foreach (var devpath in new[] { "/devices/../../etc", "/devices/virtual/../../../../proc", "/devices//x", "devices/x", "/devices/." })
            injector.Send("add", devpath, "trust");
        injector.Send("change", marker);
        var events = subscription.EventsUntil(one => one.Is("change", "marker"));
        Assert.Single(events, one => one.Device.Subsystem == "trust");
        Assert.Equal(marker.DevPath, Assert.Single(daemon.List()).DevPath);
    }
}
