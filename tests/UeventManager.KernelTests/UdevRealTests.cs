using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>Beside the distribution's udevd on real devices: an interface that udev renames is announced once.</summary>
public sealed class UdevRealTests
{
    private const string Rules = """
        version: 1
        subsystem: [block, net]
        rules:
          - name: known-to-udev
            wait: [{udev: true}]
            timeout: 2min
            attach: {udev: ["TEST_*", "ID_FS_*"]}
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
        Assert.DoesNotContain(seen, one => one.Device.SysName == "before0");
    }

    // The one report of the field: who asks for ID_FS_TYPE of a disk right behind its mkfs found what was there before.
    [Fact]
    public void The_change_that_follows_a_mkfs_says_which_file_system_it_is()
    {
        Requires.Tools("losetup", "mkfs.ext4");
        using var sandbox = Sandbox.Create();
        using var scratch = new ScratchDirectory("disk");
        using var udevd = UdevdProcess.Start(sandbox, null);
        using var daemon = Daemon(sandbox, udevd);
        var image = scratch.Combine("image");
        using (var made = File.Create(image))
            made.SetLength(8 << 20);
        using var consumer = daemon.Subscribe(new { filter = new { subsystems = new[] { "block" } } });
        // The image is not where udevd is.
        var attached = sandbox.Run($"timeout 60 losetup --find --show {image}");
        if (attached.ExitCode != 0)
            Assert.Skip($"needs a loop device that is free: {attached.Error.Trim()}");
        var node = attached.Output.Trim();
        try
        {
            // Once udevd is done with it, it watches it, and hears of whoever has written to it.
            consumer.WaitForEvent(one => one.Is("change", Path.GetFileName(node)) || one.Is("add", Path.GetFileName(node)), Deadline.Seconds(60));
            udevd.RunInside(sandbox, $"timeout 60 mkfs.ext4 -q -F -E nodiscard {node}").Ok();
            var change = consumer.WaitForEvent(one => one.Is("change", Path.GetFileName(node)) && one.Device.Property("ID_FS_TYPE") is not null, Deadline.Seconds(60));
            Assert.Equal("ext4", change.Device.Property("ID_FS_TYPE"));
        }
        finally
        {
            sandbox.Run($"timeout 60 losetup --detach {node}");
        }
    }

    private static DaemonProcess Daemon(Sandbox sandbox, UdevdProcess udevd) =>
        DaemonProcess.Start(sandbox, new DaemonOptions { Rules = Rules, Arguments = ["--udev-db", udevd.Database] });
}
