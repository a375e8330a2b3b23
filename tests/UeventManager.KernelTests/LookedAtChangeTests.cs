using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>The directory of a device with changes stays open between them, and no other device is seen through it.</summary>
public sealed class LookedAtChangeTests
{
    private const string Rules = """
        version: 1
        subsystem: twin
        rules:
          - name: ready
            on: [add, change]
            wait:
              - exists: ready
            timeout: 10min
            attach:
              attributes: [generation]
        """;

    private const string NetRules = """
        version: 1
        subsystem: net
        rules:
          - name: looked-at
            on: [add, change]
            wait:
              - exists: queues/tx-0
            attach:
              attributes: [ifindex]
        """;

    [Fact]
    public void The_directory_is_open_from_the_first_change_until_the_device_goes()
    {
        using var stage = new Announced();
        var (_, daemon, subscription, injector, device) = stage;
        Eventually.Holds(() => !ProcessResources.HasOpen(daemon.Pid, device.Path), Deadline.Default, "the directory closed after the add");
        for (var i = 0; i < 3; i++)
        {
            injector.Send("change", device);
            subscription.WaitForEvent(one => one.Is("change", "t0"));
        }
        Assert.True(ProcessResources.HasOpen(daemon.Pid, device.Path), "the directory is opened anew for each change");
        daemon.Signal(Syscalls.SIGHUP);
        Eventually.Holds(() => !ProcessResources.HasOpen(daemon.Pid, device.Path), Deadline.Default, "the directory closed at the reload");
        injector.Send("change", device);
        subscription.WaitForEvent(one => one.Is("change", "t0"));
        Assert.True(ProcessResources.HasOpen(daemon.Pid, device.Path));
        injector.Send("remove", device);
        subscription.WaitForEvent(one => one.Is("remove", "t0"));
        Eventually.Holds(() => !ProcessResources.HasOpen(daemon.Pid, device.Path), Deadline.Default, "the directory closed after the remove");
    }

    [Fact]
    public void A_change_waits_again_if_a_link_that_it_needs_has_gone()
    {
        using var stage = new Announced();
        var (_, daemon, subscription, injector, device) = stage;
        injector.Send("change", device, "N=1");
        subscription.WaitForEvent(one => one.Is("change", "t0"));
        File.Delete(device.Path + "/ready");
        var looks = daemon.Counters()["looks"] + 1;
        injector.Send("change", device, "N=2");
        Eventually.Holds(() => daemon.Counters()["looks"] > looks, Deadline.Default, "a look at the change");
        device.Write("generation", "2");
        device.Write("ready", "");
        var change = subscription.WaitForEvent(one => one.Is("change", "t0"));
        Assert.Equal("2", change.Device.Property("N"));
        Assert.Equal("2", change.Device.Attribute("generation"));
    }

    [Fact]
    public void A_change_is_not_delivered_for_another_device_that_took_the_path_without_an_event()
    {
        using var stage = new Announced();
        var (sysfs, daemon, subscription, injector, device) = stage;
        injector.Send("change", device);
        subscription.WaitForEvent(one => one.Is("change", "t0"));

        device.Remove();
        var second = sysfs.AddDevice("/devices/virtual/twin/t0", "twin");
        second.Write("generation", "2");
        second.Write("ready", "");
        injector.Send("change", second);
        injector.Send("remove", device);
        injector.Send("add", second);
        var events = subscription.EventsUntil(one => one.Is("add", "t0")).Where(one => one.Device.Subsystem == "twin").ToList();
        Assert.Equal(["remove", "add"], events.Select(one => one.Action));
        Assert.Equal("2", events[1].Device.Attribute("generation"));

        injector.Send("change", second);
        var change = subscription.WaitForEvent(one => one.Device.SysName == "t0");
        Assert.Equal("change", change.Action);
        Assert.Equal("2", change.Device.Attribute("generation"));
    }

    [Fact]
    public void After_a_rename_each_name_is_looked_at_where_it_is()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Rules = NetRules });
        using var subscription = daemon.Subscribe();
        sandbox.Run("ip link add uem-a index 1001 type veth peer name uem-z index 1000").Ok();
        subscription.WaitForEvent(one => one.Is("add", "uem-a"));
        Assert.Equal("1001", Change("uem-a"));
        sandbox.Run("ip link set uem-a name uem-b && ip link add uem-a index 1003 type veth peer name uem-y index 1002").Ok();
        subscription.WaitForEvent(one => one.Is("add", "uem-a"));
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal("1003", Change("uem-a"));
            Assert.Equal("1001", Change("uem-b"));
        }

        string? Change(string name)
        {
            sandbox.Run($"echo change > /sys/class/net/{name}/uevent").Ok();
            return subscription.WaitForEvent(one => one.Is("change", name), what: $"change of {name}").Device.Attribute("ifindex");
        }
    }

    /// <summary>A daemon that knows a device <c>t0</c> of generation 1.</summary>
    private sealed class Announced : IDisposable
    {
        private readonly Sandbox _sandbox = Sandbox.Create();
        private readonly FakeSysfs _sysfs = new();
        private readonly DaemonProcess _daemon;
        private readonly Subscription _subscription;
        private readonly UeventInjector _injector;
        private readonly FakeDevice _device;

        public Announced()
        {
            _daemon = DaemonProcess.Start(_sandbox, new DaemonOptions { Sysfs = _sysfs.Root, Rules = Rules });
            _subscription = _daemon.Subscribe();
            _injector = new UeventInjector(_sandbox);
            Directory.CreateDirectory(_sysfs.Root + "/class/twin");
            _device = _sysfs.AddDevice("/devices/virtual/twin/t0", "twin");
            _device.Write("generation", "1");
            _device.Write("ready", "");
            _injector.Send("add", _device);
            _subscription.WaitForEvent(one => one.Is("add", "t0"));
        }

        public void Deconstruct(out FakeSysfs sysfs, out DaemonProcess daemon, out Subscription subscription, out UeventInjector injector, out FakeDevice device) =>
            (sysfs, daemon, subscription, injector, device) = (_sysfs, _daemon, _subscription, _injector, _device);

        public void Dispose()
        {
            _injector.Dispose();
            _subscription.Dispose();
            _daemon.Dispose();
            _sysfs.Dispose();
            _sandbox.Dispose();
        }
    }
}
