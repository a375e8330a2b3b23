using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>Real network devices, whose directories the kernel fills after it has announced them.</summary>
public sealed class NetDeviceTests
{
    // Many, so that the last comes long after the announcement.
    private const string Queues = "numtxqueues 64 numrxqueues 64";

    private const string Rules = """
        version: 1
        subsystem: net
        rules:
          - name: queues
            on: [add]
            match: {sysname: "uem-q*"}
            # netdev_queue_update_kobjects() comes after device_add(); the last queue is the last to come.
            wait:
              - {count: "queues/rx-*", equals: 64}
              - {count: "queues/tx-*", equals: 64}
              - exists: queues/tx-63/tx_timeout
            attach:
              attributes: [queues/tx-63/tx_timeout]
          - name: macvtap
            on: [add]
            match: {sysname: "uem-tap*"}
            # netdev_upper_dev_link() makes the link; macvtap_device_event() makes the character device.
            wait:
              - {count: "macvtap/tap*", equals: 1}
              - link: lower_uem-q0
            attach:
              links: [lower_uem-q0]
          - name: bridge
            on: [add]
            match: {sysname: "uem-br*"}
            # br_sysfs_addbr() runs from the notifier of the announcement.
            wait:
              - exists: brforward
              - exists: brif
            attach:
              attributes: [bridge/stp_state]
          - name: bridge-port
            on: [add]
            match: {sysname: "uem-port*"}
            # br_sysfs_addif(), by whoever makes it a port and whenever: no uevent tells of it.
            wait:
              - link: brport/bridge
                target: "uem-br*"
            timeout: 10min
            attach:
              attributes: [brport/port_no]
        """;

    [Fact]
    public void A_veth_is_announced_only_with_all_of_its_queues()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Rules = Rules });
        using var subscription = daemon.Subscribe();
        for (var i = 0; i < 40; i += 2)
        {
            sandbox.Run($"ip link add uem-q{i} {Queues} type veth peer name uem-q{i + 1} {Queues}").Ok();
            foreach (var name in new[] { $"uem-q{i}", $"uem-q{i + 1}" })
            {
                var add = subscription.WaitForEvent(one => one.Is("add", name), what: $"add of {name}");
                Assert.True(Directory.Exists($"{sandbox.SysRoot}/class/net/{name}/queues/tx-63"), $"{name} came without its queues");
                Assert.Equal("0", add.Device.Attribute("queues/tx-63/tx_timeout"));
                Assert.True(add.Device.Settled, add.ToString());
                Assert.Equal("queues", add.Device.Rule);
                Assert.Empty(add.Device.Missing);
                Assert.True(add.SettledUsec >= add.ArrivedUsec, add.ToString());
            }
        }
    }

    [Fact]
    public void A_removed_device_is_reported_exactly_once()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Rules = Rules });
        using var subscription = daemon.Subscribe();
        daemon.RunInTurn(sandbox, "ip link add uem-a type veth peer name uem-b", "ip link del uem-a", "ip link add uem-last type veth");
        var events = subscription.EventsUntil(one => one.Is("add", "uem-last"))
            .Where(one => !one.Device.IsKobject && one.Device.Subsystem == "net").ToList();
        foreach (var name in new[] { "uem-a", "uem-b" })
            Assert.Equal(["add", "remove"], events.Where(one => one.Device.SysName == name).Select(one => one.Action));
        Assert.DoesNotContain(subscription.Picture.Keys, devpath => devpath.EndsWith("/uem-a", StringComparison.Ordinal));
    }

    [Fact]
    public void A_macvtap_is_announced_only_once_its_tap_and_its_lower_link_exist()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Rules = Rules });
        using var subscription = daemon.Subscribe();
        sandbox.Run($"ip link add uem-q0 {Queues} type veth peer name uem-q1 {Queues}").Ok();
        for (var i = 0; i < 10; i++)
        {
            var name = $"uem-tap{i}";
            sandbox.Run($"ip link add {name} link uem-q0 type macvtap").Ok();
            var add = subscription.WaitForEvent(one => one.Is("add", name), what: $"add of {name}");
            Assert.NotEmpty(Directory.GetDirectories($"{sandbox.SysRoot}/class/net/{name}/macvtap", "tap*"));
            Assert.EndsWith("/uem-q0", add.Device.Link("lower_uem-q0"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_bridge_is_announced_only_when_it_can_forward()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Rules = Rules });
        using var subscription = daemon.Subscribe();
        for (var i = 0; i < 10; i++)
        {
            var name = $"uem-br{i}";
            sandbox.Run($"ip link add {name} type bridge").Ok();
            var add = subscription.WaitForEvent(one => one.Is("add", name), what: $"add of {name}");
            Assert.True(File.Exists($"{sandbox.SysRoot}/class/net/{name}/brforward"), $"{name} came without brforward");
            Assert.Equal("0", add.Device.Attribute("bridge/stp_state"));
        }
    }

    [Fact]
    public void A_bridge_port_is_noticed_although_the_kernel_sends_no_uevent_for_it()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Rules = Rules });
        using var subscription = daemon.Subscribe();
        sandbox.Run("ip link add uem-br0 type bridge && ip link add uem-port0 type veth peer name uem-peer").Ok();
        subscription.WaitForEvent(one => one.Is("add", "uem-br0"));
        subscription.WaitForEvent(one => one.Is("add", "uem-peer"));
        IReadOnlyList<DeviceView> waiting = [];
        Eventually.Holds(
            () => (waiting = [.. daemon.List(new { unsettled = true }).Where(device => device.SysName == "uem-port0")]).Count == 1,
            Deadline.Default, "uem-port0 waits");
        Assert.Contains(waiting[0].Missing, text => text.Contains("brport", StringComparison.Ordinal));
        Assert.DoesNotContain(daemon.List(), device => device.SysName == "uem-port0");
        var before = MonotonicClock.Usec;
        sandbox.Run("ip link set uem-port0 master uem-br0").Ok();
        var add = subscription.WaitForEvent(one => one.Is("add", "uem-port0"));
        Assert.True(add.SettledUsec > before, "announced before it was a port");
        Assert.Equal("0x1", add.Device.Attribute("brport/port_no"));
    }

    [Fact]
    public void A_renamed_device_is_followed_to_its_new_name()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Rules = Rules });
        using var subscription = daemon.Subscribe();
        daemon.RunInTurn(sandbox, "ip link add uem-old type veth peer name uem-peer", "ip link set uem-old name uem-new", "ip link del uem-new");
        var move = subscription.WaitForEvent(one => one.Is("move", "uem-new"));
        Assert.EndsWith("/uem-old", move.OldDevPath, StringComparison.Ordinal);
        subscription.WaitForEvent(one => one.Is("remove", "uem-new"));
        Assert.DoesNotContain(subscription.Picture.Values, device => device.SysName is "uem-old" or "uem-new");
    }

    [Fact]
    public void A_queue_is_delivered_as_a_kobject_and_never_taken_for_a_device()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        using var subscription = daemon.Subscribe();
        sandbox.Run("ip link add uem-a type veth peer name uem-b").Ok();
        Assert.True(subscription.WaitForEvent(one => one.Is("add", "tx-0")).Device.IsKobject);
        subscription.WaitForEvent(one => one.Is("add", "uem-a"));
        Assert.DoesNotContain(daemon.List(new { unsettled = true }), device => device.Subsystem == "queues");
    }
}
