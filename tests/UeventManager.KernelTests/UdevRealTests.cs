using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>Beside the distribution's udevd on devices of the kernel's own: an interface that udev renames is found.</summary>
public sealed class UdevRealTests
{
    private const string Rules = """
        version: 1
        subsystem: [block, net]
        rules:
          - name: known-to-udev
            wait: [{udev: true}]
            timeout: 2min
            attach: {udev: ["TEST_*"]}
        """;

    [Fact]
    public void An_interface_that_udev_renames_is_announced_once_under_its_new_name()
    {
        using var sandbox = Sandbox.Create();
        using var udevd = UdevdProcess.Start(sandbox, null,
            "SUBSYSTEM==\"net\", ACTION==\"add\", KERNEL==\"before0\", NAME=\"after0\", PROGRAM=\"/bin/sleep 0.2\"\nSUBSYSTEM==\"net\", ENV{TEST_SEEN}=\"yes\"\n");
        using var daemon = Daemon(sandbox, udevd);
        using var consumer = daemon.Subscribe(new { filter = new { subsystems = new[] { "net" } } });
        // While the name is free udevd takes it in the middle of its work; the kernel tells the move before udevd tells the add.
        sandbox.Run("ip link add before0 type veth peer name peer0").Ok();
        var seen = consumer.EventsUntil(one => one.Is("add", "after0"), Deadline.Seconds(60));
        var added = seen[^1];
        Assert.True(added.Device.Settled, added.ToString());
        Assert.Equal("yes", added.Device.Property("TEST_SEEN"));
        Assert.DoesNotContain(seen, one => one.Device.Sysname == "before0");
    }

    private static DaemonProcess Daemon(Sandbox sandbox, UdevdProcess udevd) =>
        DaemonProcess.Start(sandbox, new DaemonOptions { Rules = Rules, Arguments = ["--udev-db", udevd.Database] });
}
