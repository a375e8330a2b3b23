using UeventManager.KernelTests.Harness;
using UeventManager.Tests;

namespace UeventManager.KernelTests;

/// <summary>After <c>udevadm settle</c> the database contains every event that the kernel had sent before.</summary>
public sealed class ForwardSettleTests
{
    [Fact]
    public void Settle_waits_for_what_happened_while_there_was_no_daemon()
    {
        Requires.Tools("udevadm");
        using var sandbox = ForwardTests.Host();
        using var daemon = DaemonProcess.Start(sandbox);
        var forward = ForwardTests.Forward(sandbox, daemon);
        daemon.Kill();
        forward.WaitForErrorLine(line => line.Contains("the connection to the daemon was lost", StringComparison.Ordinal), Deadline.Default, "it is lost");
        // To be read by those who are not root too.
        Eventually.Holds(() => sandbox.Run("test -e /run/udev/queue").ExitCode == 0, Deadline.Default, "something is pending");
        sandbox.Run("ip link add uem-a type bridge").Ok();
        var id = $"n{File.ReadAllText(sandbox.SysRoot + "/class/net/uem-a/ifindex").Trim()}";
        var settle = sandbox.Start(["sh", "-c", $"{ForwardTests.Udevadm} settle --timeout={30 * TestTime.Factor}; ls /run/udev/data"]);
        daemon.StartAgain();
        Assert.Equal(0, settle.WaitForExit(Deadline.Seconds(60)));
        Assert.Contains(id, settle.Lines);
        Assert.NotEqual(0, sandbox.Run("test -e /run/udev/queue").ExitCode);
    }

    [Fact]
    public void Settle_waits_for_a_state_that_is_still_being_told_and_for_no_device_that_a_filter_leaves_out()
    {
        Requires.Tools("udevadm");
        using var sandbox = ForwardTests.Host();
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Rules = ForwardTests.Rules });
        ForwardTests.Forward(sandbox, daemon, "--filter", "subsystem=net,sysname=uem-now*");
        for (var round = 0; round < 20; round++)
        {
            sandbox.Run($"ip link add uem-late type veth peer name uem-now{round}").Ok();
            var index = File.ReadAllText($"{sandbox.SysRoot}/class/net/uem-now{round}/ifindex").Trim();
            Assert.Contains($"n{index}", sandbox.Run($"{ForwardTests.Udevadm} settle --timeout={10 * TestTime.Factor} && ls /run/udev/data").Ok().Lines);
            sandbox.Run("ip link del uem-late").Ok();
        }
    }
}
