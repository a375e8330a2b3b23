using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.RealClients;

/// <summary>A container in another user namespace with its own udevd, which accepts only its kernel's messages.</summary>
public sealed class ContainerTests
{
    [Fact(Explicit = true)]
    public void A_udevd_in_another_user_namespace_gets_complete_devices_as_from_the_kernel()
    {
        using var host = ForwardTests.Host();
        using var container = Sandbox.CreateRootless();
        using var sysfs = new FakeSysfs();
        using var kernel = new UeventInjector(host);
        using var daemon = DaemonProcess.Start(host, new DaemonOptions
        {
            Sysfs = sysfs.Root,
            Rules = "version: 1\nsubsystem: uem\nrules: [{name: late, match: {sysname: \"late*\"}, wait: [{attribute: ready, equals: complete}], timeout: 10min}]\n",
        });
        StartUdevd(container, sysfs);
        var monitor = UdevMonitor.Start(container);
        ForwardTests.Forward(host, daemon, "--sysfs", sysfs.Root, "--pid", ForwardTests.PidOf(container), "--format", "kernel", "--filter", "subsystem=uem");

        var late = sysfs.AddDevice("/devices/virtual/uem/late0", "uem");
        kernel.Send("add", late);
        var other = sysfs.AddDevice("/devices/virtual/uem/other0", "uem");
        kernel.Send("add", other);
        monitor.WaitForLine(line => line.EndsWith("/other0 (uem)", StringComparison.Ordinal), Deadline.Default, $"the device that nothing holds: {monitor.Error}");
        Assert.DoesNotContain(monitor.Lines, line => line.Contains("late0", StringComparison.Ordinal));
        late.Write("ready", "complete\n");
        monitor.WaitForLine(line => line.EndsWith("/late0 (uem)", StringComparison.Ordinal), Deadline.Default, "the late one");
        // Its udevd has applied its own rules, to a complete device.
        Assert.Contains("E:READ_BY_UDEVD=complete", container.Run("cat /run/udev/data/+uem:late0").Ok().Output, StringComparison.Ordinal);

        kernel.Send("remove", late);
        late.Remove();
        monitor.WaitForLine(line => line.Contains(" remove ", StringComparison.Ordinal) && line.EndsWith("/late0 (uem)", StringComparison.Ordinal), Deadline.Default, "the remove");
        Assert.NotEqual(0, container.Run("test -e /run/udev/data/+uem:late0").ExitCode);
    }

    private static void StartUdevd(Sandbox container, FakeSysfs sysfs)
    {
        string[] tree = Requires.UdevdTree() is { } unpacked ? [unpacked] : [];
        var script = Path.Combine(Repository.Root, "tests/UeventManager.KernelTests/Harness/udevd.sh");
        container.Run("mount -t tmpfs -o mode=755 run /run && mkdir -p /run/own/udev/rules.d && echo 'SUBSYSTEM==\"uem\", ATTR{ready}==\"?*\", ENV{READ_BY_UDEVD}=\"$attr{ready}\"' > /run/own/udev/rules.d/99-test.rules").Ok();
        var udevd = container.Start([script, sysfs.Root, "/run/own", .. tree], new Dictionary<string, string>
        {
            ["TEST_MACHINE_NETNS"] = new FileInfo("/proc/self/ns/net").LinkTarget!,
            // Those of the container.
            ["TEST_UDEVD_MOUNTS"] = "own",
        });
        Eventually.Holds(() => udevd.HasExited || container.Run("udevadm control --ping --timeout=10").ExitCode == 0, Deadline.Default, "udevd answers");
        Assert.False(udevd.HasExited, $"udevd has ended: {udevd.Error}{udevd.Output}");
    }
}
