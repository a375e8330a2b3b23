using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>Events that an administrator triggers with <c>echo … &gt; uevent</c> or a tool.</summary>
public sealed class SyntheticEventTests
{
    private const string Uuid = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";

    [Fact]
    public void A_triggered_change_arrives_with_its_UUID_and_arguments()
    {
        using var sandbox = Sandbox.Create();
        sandbox.Run("ip link add uem-a type veth peer name uem-b").Ok();
        using var daemon = DaemonProcess.Start(sandbox);
        using var subscription = daemon.Subscribe();
        sandbox.Run($"echo 'change {Uuid} FLAVOUR=sweet' > /sys/class/net/uem-a/uevent").Ok();
        var change = subscription.WaitForEvent(one => one.Is("change", "uem-a"));
        Assert.True(change.Synthetic, change.ToString());
        Assert.Equal(Uuid, change.Device.Property("SYNTH_UUID"));
        Assert.Equal("sweet", change.Device.Property("SYNTH_ARG_FLAVOUR"));
    }

    [Fact]
    public void A_filter_by_variable_selects_events_and_keeps_all_devices()
    {
        using var sandbox = Sandbox.Create();
        sandbox.Run("ip link add uem-a type veth peer name uem-b").Ok();
        using var daemon = DaemonProcess.Start(sandbox);
        var other = Uuid.Replace('6', '7');
        using var subscription = daemon.Subscribe(new { filter = new { sysnames = new[] { "uem-*" }, variables = new { SYNTH_UUID = Uuid[..8] + "*" } } });
        Assert.Equal(2, subscription.Picture.Count);
        Assert.Equal(2, daemon.List(new { filter = new { sysnames = new[] { "uem-*" }, variables = new { SYNTH_UUID = "x" } } }).Count);
        var cursor = subscription.Cursor;
        var monitor = sandbox.Start([Repository.Ueventctl, "monitor", "--json", "--property-match", "SYNTH_ARG_FLAVOUR=sw*", "--property-match", "SYNTH_UUID=!x", "--socket", daemon.SocketPath]);
        daemon.WaitForSubscribers(2);
        sandbox.Run($"cd /sys/class/net; echo change > uem-a/uevent; echo 'change {other} FLAVOUR=sour' > uem-a/uevent; echo 'change {Uuid} FLAVOUR=sweet' > uem-b/uevent").Ok();
        Assert.True(subscription.NextEvent() is { Action: "change", Device.SysName: "uem-b" });
        var line = monitor.WaitForLine(text => text.Contains("uem-", StringComparison.Ordinal), Deadline.Default, "the event");
        Assert.Contains("\"SYNTH_ARG_FLAVOUR\":\"sweet\"", line, StringComparison.Ordinal);
        Assert.Single(monitor.Lines);
        using var resumed = daemon.Subscribe(new { filter = new { sysnames = new[] { "uem-*" }, variables = new { SYNTH_UUID = other } }, cursor });
        Assert.Equal("sour", resumed.NextEvent().Device.Property("SYNTH_ARG_FLAVOUR"));
    }

    [Fact]
    public void A_device_enters_and_leaves_a_filter_by_what_is_attached_and_by_what_is_above_it()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        sysfs.AddBus("usb");
        var hub = sysfs.AddDevice("/devices/pci/usb1", "usb", "DEVTYPE=usb_device");
        var disk = sysfs.AddDevice(hub.DevPath + "/1-2/disk", "blk", "DEVTYPE=disk");
        disk.Write("mode", "slow");
        sysfs.AddDevice("/devices/virtual/blk/other", "blk").Write("mode", "fast");
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions
        {
            Sysfs = sysfs.Root,
            Rules = "version: 1\nsubsystem: blk\nrules: [{name: r, wait: [{exists: mode}], attach: {attributes: [mode]}}]\n",
        });
        using var injector = new UeventInjector(sandbox);
        var filter = new { attributes = new { mode = "f*" }, parents = new[] { "usb/usb_device:usb*", "pci" } };
        Assert.Empty(daemon.List(new { filter }));
        Assert.Equal("disk", Assert.Single(daemon.List(new { filter = new { filter.parents, attributes = new { mode = "!fast" } } })).SysName);
        Assert.Equal(["other", "usb1"], daemon.List(new { filter = new { parents = new[] { "!usb" } } }).Select(device => device.SysName).Order(StringComparer.Ordinal));
        using var subscription = daemon.Subscribe(new { filter });
        var cursor = subscription.Cursor;
        foreach (var mode in new[] { "fast", "faster", "slow" })
        {
            disk.Write("mode", mode);
            injector.Send("change", disk, "DEVTYPE=disk");
            if (mode == "fast")
                Assert.True(subscription.NextEvent().Is("add", "disk"));
            else if (mode == "faster")
                Assert.True(subscription.NextEvent().Is("change", "disk"));
        }
        Assert.True(subscription.NextEvent().Is("remove", "disk"));
        using var resumed = daemon.Subscribe(new { filter, cursor });
        Assert.Equal(["add", "change", "remove"], Enumerable.Range(0, 3).Select(_ => resumed.NextEvent().Action));
        Assert.Empty(resumed.Gaps);
        using var probe = daemon.Connect();
        Assert.Equal("org.varlink.service.InvalidParameter", probe.CallForError(VarlinkProbe.Devices + "List", new { filter = new { parents = new[] { ":" } } }).Error);
    }

    [Fact]
    public void A_filter_by_variable_selects_the_event_of_a_disk_that_grows()
    {
        Requires.Tools("losetup", "truncate");
        using var sandbox = Sandbox.Create();
        using var scratch = new ScratchDirectory("resize");
        var image = scratch.Combine("image");
        var made = sandbox.Run($"truncate -s 1M {image} && losetup -f --show {image}");
        if (made.ExitCode != 0)
            Assert.Skip($"needs a loop device: modprobe loop ({made.Error.Trim()})");
        var name = Path.GetFileName(made.Output.Trim());
        try
        {
            using var daemon = DaemonProcess.Start(sandbox);
            using var subscription = daemon.Subscribe(new { stateless = true, filter = new { variables = new { RESIZE = "1" }, sysnames = new[] { name } } });
            var monitor = sandbox.Start([Repository.Ueventctl, "monitor", "--json", "--property-match", "RESIZE=1", "--socket", daemon.SocketPath]);
            daemon.WaitForSubscribers(2);
            sandbox.Run($"echo change > /sys/block/{name}/uevent; truncate -s 2M {image}; losetup -c /dev/{name}").Ok();
            var change = subscription.NextEvent();
            Assert.True(change.Is("change", name) && change.Device.Property("RESIZE") == "1" && change.Device.Property("SYNTH_UUID") is null, change.ToString());
            monitor.WaitForLine(text => text.Contains($"\"sysname\":\"{name}\"", StringComparison.Ordinal), Deadline.Default, "the event");
        }
        finally
        {
            sandbox.Run($"losetup -d /dev/{name}");
        }
    }

    [Fact]
    public void A_replayed_add_never_announces_a_device_twice()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        using var subscription = daemon.Subscribe();
        sandbox.Run("ip link add uem-a type veth peer name uem-b").Ok();
        subscription.WaitForEvent(one => one.Is("add", "uem-a"));
        sandbox.Run($"echo add > /sys/class/net/uem-a/uevent && echo 'change {Uuid}' > /sys/class/net/uem-a/uevent").Ok();
        var events = subscription.EventsUntil(one => one.Device.Property("SYNTH_UUID") == Uuid)
            .Where(one => one.Device.SysName == "uem-a").ToList();
        Assert.Equal(["change", "change"], events.Select(one => one.Action));
        Assert.All(events, one => Assert.True(one.Synthetic, one.ToString()));
    }

    [Fact]
    public void A_block_device_of_the_machine_is_heard_in_each_network_namespace_of_the_initial_user_namespace()
    {
        var name = new[] { "loop0", "zram0" }.FirstOrDefault(candidate => File.Exists($"/sys/block/{candidate}/uevent"));
        if (name is null)
            Assert.Skip("needs a loop or zram device: modprobe loop");
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions
        {
            Rules = """
                version: 1
                subsystem: block
                rules:
                  - name: disk
                    match: {devtype: disk}
                    wait:
                      - {attribute: size, notEmpty: true}
                      - exists: queue/logical_block_size
                    attach:
                      attributes: [size, queue/logical_block_size]
                """,
        });
        Assert.Contains(daemon.List(), device => device.Subsystem == "block" && device.SysName == name);
        using var subscription = daemon.Subscribe(new { filter = new { subsystems = new[] { "block" } } });
        var uuid = Guid.NewGuid().ToString();
        sandbox.Run($"echo 'change {uuid}' > /sys/block/{name}/uevent").Ok();
        var change = subscription.WaitForEvent(one => one.Device.Property("SYNTH_UUID") == uuid);
        Assert.True(change.Is("change", name), change.ToString());
        Assert.True(change.Device.Settled);
        Assert.Equal(File.ReadAllText($"/sys/block/{name}/queue/logical_block_size").Trim(), change.Device.Attribute("queue/logical_block_size"));
    }
}
