using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>What an administrator asks for with <c>echo … &gt; uevent</c>, or a tool by a trigger.</summary>
public sealed class SyntheticEventTests
{
    private const string Uuid = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";

    [Fact]
    public void A_change_that_was_asked_for_arrives_with_its_uuid_and_arguments()
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
    public void A_replayed_add_never_announces_a_device_twice()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        using var subscription = daemon.Subscribe();
        sandbox.Run("ip link add uem-a type veth peer name uem-b").Ok();
        subscription.WaitForEvent(one => one.Is("add", "uem-a"));
        sandbox.Run($"echo add > /sys/class/net/uem-a/uevent && echo 'change {Uuid}' > /sys/class/net/uem-a/uevent").Ok();
        var events = subscription.EventsUntil(one => one.Device.Property("SYNTH_UUID") == Uuid)
            .Where(one => one.Device.Sysname == "uem-a").ToList();
        Assert.Equal(["change", "change"], events.Select(one => one.Action));
        Assert.All(events, one => Assert.True(one.Synthetic, one.ToString()));
    }

    [Fact]
    public void A_block_device_of_the_machine_is_heard_in_a_namespace_of_the_machines_root()
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
        Assert.Contains(daemon.List(), device => device.Subsystem == "block" && device.Sysname == name);
        using var subscription = daemon.Subscribe(new { filter = new { subsystems = new[] { "block" } } });
        var uuid = Guid.NewGuid().ToString();
        sandbox.Run($"echo 'change {uuid}' > /sys/block/{name}/uevent").Ok();
        var change = subscription.WaitForEvent(one => one.Device.Property("SYNTH_UUID") == uuid);
        Assert.True(change.Is("change", name), change.ToString());
        Assert.True(change.Device.Settled);
        Assert.Equal(File.ReadAllText($"/sys/block/{name}/queue/logical_block_size").Trim(), change.Device.Attribute("queue/logical_block_size"));
    }
}
