using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Fleet;

/// <summary>One bridge publishes for a host. A bridge that lost its lease reports that and ends, and a silent one loses it.</summary>
public sealed class FleetLeaseTests
{
    private const string Host = "host1";

    public static TheoryData<string> Suites => NatsServer.Suites;

    [Theory]
    [MemberData(nameof(Suites))]
    public void A_second_bridge_of_a_host_ends_and_says_so(string suite)
    {
        using var sandbox = Sandbox.Create();
        using var server = NatsServer.Start(sandbox, suite);
        using var daemon = DaemonProcess.Start(sandbox);
        using var first = FleetCommand.Publish(sandbox, daemon, Host);
        using var second = FleetCommand.Start(sandbox, ["publish", "--host", Host, "--socket", daemon.SocketPath, "--heartbeat", "500ms"]);
        Assert.Equal(1, second.WaitForExit(Deadline.Seconds(30)));
        Assert.Contains($"another bridge publishes for '{Host}'", second.Error, StringComparison.Ordinal);
        Assert.Contains("this one ends", second.Error, StringComparison.Ordinal);
        Assert.False(first.HasExited);
    }

    [Fact]
    public void A_bridge_that_was_killed_is_followed_by_the_next_one_at_once()
    {
        using var sandbox = Sandbox.Create();
        using var server = NatsServer.Start(sandbox, "trixie");
        using var daemon = DaemonProcess.Start(sandbox);
        // With a beat so long that only knowing of its end can be so fast.
        using var first = FleetCommand.Publish(sandbox, daemon, Host, "--heartbeat", "10min");
        FleetCommand.Agree(sandbox, daemon, Host, "the state");
        first.Signal(Syscalls.SIGKILL);
        first.WaitForExit(Deadline.Default);
        sandbox.Run("ip link add next0 type veth peer name next1");
        using var second = FleetCommand.Publish(sandbox, daemon, Host);
        FleetCommand.Agree(sandbox, daemon, Host, "what came between them");
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void A_bridge_that_was_stopped_for_too_long_loses_its_host_and_ends_when_it_continues(string suite)
    {
        using var sandbox = Sandbox.Create();
        using var server = NatsServer.Start(sandbox, suite);
        using var daemon = DaemonProcess.Start(sandbox);
        using var first = FleetCommand.Publish(sandbox, daemon, Host);
        FleetCommand.Agree(sandbox, daemon, Host, "the state");
        first.Signal(Syscalls.SIGSTOP);
        using var second = FleetCommand.Publish(sandbox, daemon, Host);
        Assert.Contains("taking over if it misses 3 beats", second.Error, StringComparison.Ordinal);
        sandbox.Run("ip link add after0 type veth peer name after1");
        FleetCommand.Agree(sandbox, daemon, Host, "what the second tells");
        first.Signal(Syscalls.SIGCONT);
        Assert.Equal(1, first.WaitForExit(Deadline.Seconds(30)));
        Assert.Contains("this one ends", first.Error, StringComparison.Ordinal);
        sandbox.Run("ip link del after0");
        FleetCommand.Agree(sandbox, daemon, Host, "the second goes on");
        Assert.False(second.HasExited);
    }

    [Fact]
    public void Late_messages_of_the_previous_bridge_are_corrected()
    {
        using var sandbox = Sandbox.Create();
        using var server = NatsServer.Start(sandbox, "trixie");
        using var daemon = DaemonProcess.Start(sandbox);
        using var first = FleetCommand.Publish(sandbox, daemon, Host);
        FleetCommand.Agree(sandbox, daemon, Host, "the state");
        first.Signal(Syscalls.SIGSTOP);
        using var second = FleetCommand.Publish(sandbox, daemon, Host);
        FleetCommand.Agree(sandbox, daemon, Host, "the second has taken over");
        // As a network may keep it for a while: a device that is not there, and one as it is not any more.
        using var raw = new RawNats(sandbox);
        foreach (var (sysname, devpath) in new[] { ("ghost", "=2Fdevices=2Fvirtual=2Fnet=2Fghost"), ("lo", "=2Fdevices=2Fvirtual=2Fnet=2Flo") })
            Assert.Contains("\"seq\"", raw.Ask($"uevent.{Host}.net.{devpath}", $"{{\"host\":\"{Host}\",\"cursor\":\"c\",\"action\":\"add\",\"device\":{{\"devpath\":\"/devices/virtual/net/{sysname}\",\"subsystem\":\"net\",\"sysname\":\"{sysname}\",\"settled\":true,\"properties\":{{}}}},\"synthetic\":false,\"arrivedUsec\":1,\"settledUsec\":1}}"), StringComparison.Ordinal);
        second.WaitForErrorLine(line => line.Contains("another client wrote", StringComparison.Ordinal), Deadline.Seconds(30), "it is seen");
        FleetCommand.Agree(sandbox, daemon, Host, "it is put right");
    }

    [Fact]
    public void A_silent_host_is_stale_until_it_is_back()
    {
        using var sandbox = Sandbox.Create();
        using var server = NatsServer.Start(sandbox, "trixie");
        using var daemon = DaemonProcess.Start(sandbox);
        using var bridge = FleetCommand.Publish(sandbox, daemon, Host);
        using var monitor = FleetCommand.Start(sandbox, ["monitor", "--json"]);
        FleetCommand.Agree(sandbox, daemon, Host, "the state");
        FleetCommand.Begin(sandbox, monitor);
        bridge.Signal(Syscalls.SIGSTOP);
        Eventually.Holds(() => FleetCommand.Run(sandbox, ["status"]) is { ExitCode: 1, Output: var text } && text.Contains("stale", StringComparison.Ordinal), Deadline.Seconds(30), "status says so");
        monitor.WaitForLine(line => line == $"{{\"host\":\"{Host}\",\"state\":\"stale\"}}", Deadline.Seconds(30), "whoever watches is told");
        // Devices of a host that may be gone are no answer to somebody who waits for some.
        Assert.Equal(3, FleetCommand.Run(sandbox, ["wait", "--filter", "subsystem=net", "--timeout", "1"]).ExitCode);
        bridge.Signal(Syscalls.SIGCONT);
        monitor.WaitForLine(line => line == $"{{\"host\":\"{Host}\",\"state\":\"live\"}}", Deadline.Seconds(30), "and when it is back");
        Assert.Equal(0, FleetCommand.Run(sandbox, ["wait", "--filter", "subsystem=net", "--timeout", "30"]).ExitCode);
        Eventually.Holds(() => FleetCommand.Run(sandbox, ["status"]).ExitCode == 0, Deadline.Seconds(30), "status says so");
    }
}
