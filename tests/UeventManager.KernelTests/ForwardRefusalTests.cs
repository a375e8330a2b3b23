using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>Two senders in one namespace would send everything twice, so a forwarder refuses a namespace that has one.</summary>
public sealed class ForwardRefusalTests
{
    [Fact]
    public void A_second_forwarder_is_refused_and_one_ends_with_its_namespace()
    {
        using var sandbox = ForwardTests.Host();
        var container = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        using var run = new ScratchDirectory("udev");
        var forward = ForwardTests.Forward(sandbox, daemon, "--pid", ForwardTests.PidOf(container), "--run-udev", run.Path);
        var second = sandbox.Run($"{Repository.Ueventctl} forward --socket {daemon.SocketPath} --pid {ForwardTests.PidOf(container)} --run-udev {run.Path}");
        Assert.Equal((1, true), (second.ExitCode, second.Error.Contains("answers there already", StringComparison.Ordinal)));
        second = sandbox.Run($"{Repository.Ueventctl} forward --socket {daemon.SocketPath} --pid {ForwardTests.PidOf(container)} --run-udev {run.Path}/other");
        Assert.Equal((1, true), (second.ExitCode, second.Error.Contains("another forwarder serves it already", StringComparison.Ordinal)));
        container.Dispose();
        Assert.Equal(0, forward.WaitForExit(Deadline.Default));
        Assert.Contains("is gone", forward.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Forwarding_stops_in_a_namespace_where_udevd_sends()
    {
        using var sandbox = ForwardTests.Host();
        using var container = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        using var daemon = DaemonProcess.Start(sandbox);
        using var run = new ScratchDirectory("udev");
        var forward = ForwardTests.Forward(sandbox, daemon, "--netns", $"/proc/{ForwardTests.PidOf(container)}/ns/net", "--run-udev", run.Path);
        using var udevd = UdevdProcess.Start(container, sysfs);
        using var kernel = new UeventInjector(container);
        kernel.Send("add", sysfs.AddDevice("/devices/virtual/mem/uem", "mem"));
        Assert.Equal(1, forward.WaitForExit(Deadline.Default));
        Assert.Contains("udevd sends events there too", forward.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Forwarding_is_refused_next_to_udevd_and_in_kernel_format_next_to_the_daemon()
    {
        using var sandbox = ForwardTests.Host();
        using var container = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        using var daemon = DaemonProcess.Start(sandbox);
        using var run = new ScratchDirectory("udev");
        using var udevd = UdevdProcess.Start(container, sysfs);
        var refused = sandbox.Run($"{Repository.Ueventctl} forward --socket {daemon.SocketPath} --pid {udevd.Pid} --run-udev {run.Path}");
        Assert.Equal((1, true), (refused.ExitCode, refused.Error.Contains("udevd runs there and sends events already", StringComparison.Ordinal)));
        foreach (var place in new[] { "", $"--pid {ForwardTests.PidOf(sandbox)}", $"--netns /proc/{ForwardTests.PidOf(sandbox)}/ns/net" })
        {
            refused = sandbox.Run($"{Repository.Ueventctl} forward --socket {daemon.SocketPath} --format kernel {place}");
            Assert.Equal((1, true), (refused.ExitCode, refused.Error.Contains("would get its own events again", StringComparison.Ordinal)));
        }
    }
}
