using System.Text.Json;
using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Fleet;

/// <summary>Through a real broker the fleet shows what each host's daemon lists, whatever ends in between.</summary>
public sealed class FleetTests
{
    private const string Host = "host-1.example";

    public static TheoryData<string> Suites => NatsServer.Suites;

    [Theory]
    [MemberData(nameof(Suites))]
    public void The_fleet_shows_what_the_daemon_lists(string suite)
    {
        using var sandbox = Sandbox.Create();
        using var server = NatsServer.Start(sandbox, suite);
        using var daemon = DaemonProcess.Start(sandbox);
        using var bridge = FleetCommand.Publish(sandbox, daemon, Host);
        FleetCommand.Agree(sandbox, daemon, Host, "the state");
        sandbox.Run("ip link add veth0 type veth peer name veth1; ip link add br0 type bridge; ip link set veth0 master br0; ip link set br0 up");
        FleetCommand.Agree(sandbox, daemon, Host, "what was added");
        sandbox.Run("ip link set veth1 name renamed; ip link del br0");
        FleetCommand.Agree(sandbox, daemon, Host, "what was renamed and removed");
        FleetCommand.Agree(sandbox, daemon, Host, "what fits a filter", filters: ["--filter", "subsystem=net,sysname!=lo"]);
        bridge.Signal(Syscalls.SIGTERM);
        Assert.Equal(0, bridge.WaitForExit(Deadline.Default));
        var status = JsonDocument.Parse(FleetCommand.Run(sandbox, ["status", "--json"]).Output).RootElement;
        Assert.Equal("stopped", status.GetProperty("state").GetString());
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void A_consumer_sees_the_events_in_the_order_in_which_the_daemon_sent_them(string suite)
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        var device = sysfs.AddDevice("/devices/virtual/ord/o0", "ord");
        using var server = NatsServer.Start(sandbox, suite);
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root });
        using var bridge = FleetCommand.Publish(sandbox, daemon, Host);
        FleetCommand.Agree(sandbox, daemon, Host, "the state");
        using var local = sandbox.Start([Repository.Ueventctl, "monitor", "--json", "--socket", daemon.SocketPath, "--filter", "subsystem=ord"]);
        using var monitor = FleetCommand.Start(sandbox, ["monitor", "--json", "--filter", "subsystem=ord"]);
        using var injector = new UeventInjector(sandbox);
        // Until both see it: nothing says when a subscription has begun.
        Eventually.Holds(() =>
        {
            injector.Send("change", device, "BEGIN=1");
            return local.Lines.Count > 0 && monitor.Lines.Count > 0;
        }, Deadline.Default, "both monitors have begun");
        for (var i = 0; i < 500; i++)
            injector.Send("change", device, $"NUMBER={i}");
        injector.Send("remove", device);
        static string[] Numbered(RunningProcess process) => [.. process.Lines.Where(line => line.Contains("\"NUMBER\"", StringComparison.Ordinal) || line.Contains("\"remove\"", StringComparison.Ordinal))];
        Eventually.Holds(() => Numbered(monitor).Length >= 501 && Numbered(local).Length >= 501, Deadline.Seconds(60), "all came");
        Assert.Equal(Numbered(local).Select(line => $"{{\"host\":\"{Host}\",{line[1..]}"), Numbered(monitor));
    }

    [Fact]
    public void A_moving_device_takes_its_descendants_with_it()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        var parent = sysfs.AddDevice("/devices/virtual/mov/m0", "mov");
        sysfs.AddDevice("/devices/virtual/mov/m0/child", "below", "A=1");
        sysfs.AddDevice("/devices/virtual/mov/m0/child/deep", "below", "A=2");
        using var server = NatsServer.Start(sandbox, "trixie");
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root });
        using var bridge = FleetCommand.Publish(sandbox, daemon, Host);
        using var injector = new UeventInjector(sandbox);
        FleetCommand.Agree(sandbox, daemon, Host, "the state");
        var moved = sysfs.Rename(parent, "/devices/virtual/mov/m1");
        injector.Send("move", moved, "DEVPATH_OLD=/devices/virtual/mov/m0");
        Eventually.Holds(() => FleetCommand.List(sandbox, Host).Any(line => line.Contains("/m1/child/deep", StringComparison.Ordinal)), Deadline.Seconds(30), "it moved");
        FleetCommand.Agree(sandbox, daemon, Host, "what moved");
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void A_killed_broker_loses_nothing(string suite)
    {
        using var sandbox = Sandbox.Create();
        using var server = NatsServer.Start(sandbox, suite);
        using var daemon = DaemonProcess.Start(sandbox);
        using var bridge = FleetCommand.Publish(sandbox, daemon, Host);
        using var monitor = FleetCommand.Start(sandbox, ["monitor", "--json", "--filter", "subsystem=net"]);
        FleetCommand.Agree(sandbox, daemon, Host, "the state");
        FleetCommand.Begin(sandbox, monitor);
        server.Kill();
        bridge.WaitForErrorLine(line => line.Contains("trying again until", StringComparison.Ordinal), Deadline.Seconds(30), "the bridge says so");
        sandbox.Run("ip link add while0 type veth peer name while1; ip link del while0; ip link add stays0 type veth peer name stays1");
        server.StartAgain();
        FleetCommand.Agree(sandbox, daemon, Host, "what happened while it was away", 60);
        // Nothing is lost either: the bridge goes on at its cursor.
        Eventually.Holds(() => monitor.Lines.Count(line => line.Contains("/stays", StringComparison.Ordinal)) >= 2, Deadline.Seconds(60), "the consumer goes on");
        Assert.Equal(
            ["add while0", "add while1", "remove while0", "remove while1"],
            monitor.Lines.Select(line => JsonDocument.Parse(line).RootElement).Where(one => one.TryGetProperty("action", out _))
                .Select(one => $"{one.GetProperty("action").GetString()} {one.GetProperty("device").GetProperty("sysname").GetString()}").Where(text => text.Contains("while", StringComparison.Ordinal)).Order());
        Assert.DoesNotContain(monitor.Lines, line => line.Contains("\"gap\"", StringComparison.Ordinal));
    }

    [Fact]
    public void A_daemon_that_is_away_is_reported_and_its_events_follow_later()
    {
        using var sandbox = Sandbox.Create();
        using var server = NatsServer.Start(sandbox, "trixie");
        using var daemon = DaemonProcess.Start(sandbox);
        using var bridge = FleetCommand.Publish(sandbox, daemon, Host);
        FleetCommand.Agree(sandbox, daemon, Host, "the state");
        daemon.Kill();
        Eventually.Holds(() => FleetCommand.Run(sandbox, ["status"]).Output.Contains("daemonAway", StringComparison.Ordinal), Deadline.Seconds(30), "status says so");
        sandbox.Run("ip link add away0 type veth peer name away1");
        daemon.StartAgain();
        FleetCommand.Agree(sandbox, daemon, Host, "what came meanwhile");
        Eventually.Holds(() => FleetCommand.Run(sandbox, ["status"]).Output.Contains("live", StringComparison.Ordinal), Deadline.Seconds(30), "status says so");
    }
}
