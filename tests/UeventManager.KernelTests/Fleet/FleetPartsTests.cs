using System.Text.Json;
using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Fleet;

/// <summary>Groups, storms, what is pruned, and where credentials come from.</summary>
public sealed class FleetPartsTests
{
    private const string Host = "parts";

    private const string Grouped = """
        version: 1
        subsystem: fn
        rules:
          - name: virtual
            on: [add]
            match: {exists: is_virtual}
            timeout: 10min
            group: {leader: physfn}
          - name: physical
            match: {exists: totalvfs}
            wait:
              - {count: "virtfn*", equals: {attribute: numvfs}}
            timeout: 10min
            group: {members: "virtfn*"}
        """;

    public static TheoryData<string> Suites => NatsServer.Suites;

    [Theory]
    [MemberData(nameof(Suites))]
    public void A_group_comes_as_one_transaction_of_the_stream(string suite)
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        var function = sysfs.AddDevice("/devices/pci/fn0", "fn");
        function.Write("totalvfs", "8\n");
        function.Write("numvfs", "0\n");
        using var server = NatsServer.Start(sandbox, suite);
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root, Rules = Grouped });
        using var bridge = FleetCommand.Publish(sandbox, daemon, Host);
        using var injector = new UeventInjector(sandbox);
        FleetCommand.Agree(sandbox, daemon, Host, "the state");
        using var raw = new RawNats(sandbox);
        foreach (var number in Enumerable.Range(1, 4))
        {
            var one = sysfs.AddDevice($"/devices/pci/fn{number}", "fn");
            one.Write("is_virtual", "1\n");
            one.Link("physfn", function.DevPath);
            function.Link($"virtfn{number - 1}", one.DevPath);
            injector.Send("add", one);
        }
        // The change is told first: a look between the two would find the group complete without it.
        injector.Send("change", function);
        function.Write("numvfs", "4\n");
        FleetCommand.Agree(sandbox, daemon, Host, "the group");
        // As any client sees it: the newest message of each of the five, with its place among them.
        var places = Enumerable.Range(0, 5).Select(number => raw.Ask("$JS.API.STREAM.MSG.GET.UEVENTS", $"{{\"last_by_subj\":\"uevent.{Host}.fn.=2Fdevices=2Fpci=2Ffn{number}\"}}"))
            .Select(answer => JsonDocument.Parse(answer[answer.IndexOf('{', StringComparison.Ordinal)..]).RootElement.GetProperty("message").GetProperty("hdrs").GetBytesFromBase64())
            .Select(headers => System.Text.Encoding.ASCII.GetString(headers).Split("\r\n").Single(line => line.StartsWith("Uevent-Transaction: ", StringComparison.Ordinal)).Split(' ')).ToList();
        Assert.Single(places.Select(words => words[1]).Distinct());
        Assert.All(places, words => Assert.Equal("5", words[3]));
        Assert.Equal(["1", "2", "3", "4", "5"], places.Select(words => words[2]).Order());
    }

    [Fact]
    public void A_storm_reaches_the_consumer_in_order_or_as_a_gap()
    {
        const int Events = 5_000;
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        var devices = Enumerable.Range(0, 50).Select(i => sysfs.AddDevice($"/devices/virtual/storm/s{i}", "storm")).ToList();
        using var server = NatsServer.Start(sandbox, "trixie", new NatsServerOptions { Setup = ["--keep", "1024"] });
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root });
        using var bridge = FleetCommand.Publish(sandbox, daemon, Host, "--heartbeat", "10s");
        FleetCommand.Agree(sandbox, daemon, Host, "the state");
        using var monitor = FleetCommand.Start(sandbox, ["monitor", "--json", "--filter", "subsystem=storm"]);
        using var injector = new UeventInjector(sandbox);
        Eventually.Holds(() =>
        {
            injector.Send("change", devices[0]);
            return monitor.Lines.Count > 0;
        }, Deadline.Seconds(60), "the consumer has begun");
        using var other = daemon.Subscribe(new { stateless = true, filter = new { actions = new[] { "remove" } } });
        for (var i = 0; i < Events; i++)
            injector.Send("change", devices[i % devices.Count], $"NUMBER={i}");
        injector.Send("remove", devices[0], "LAST=1");
        // Nobody else waits for the broker.
        other.WaitForEvent(one => one.Is("remove", "s0"), Deadline.Seconds(60));
        monitor.WaitForLine(line => line.Contains("\"remove\"", StringComparison.Ordinal) || line.Contains("\"gap\":", StringComparison.Ordinal), Deadline.Seconds(180), "the end, or a gap");
        var numbers = monitor.Lines.Select(line => JsonDocument.Parse(line).RootElement).Where(one => one.TryGetProperty("seqnum", out _))
            .Select(one => one.GetProperty("device").GetProperty("properties").TryGetProperty("NUMBER", out var number) ? int.Parse(number.GetString()!, System.Globalization.CultureInfo.InvariantCulture) : -1).Where(number => number >= 0).ToList();
        Assert.Equal(numbers.Order(), numbers);
        if (!monitor.Lines.Any(line => line.Contains("\"gap\":", StringComparison.Ordinal)))
            Assert.Equal(Events, numbers.Count);
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void Messages_of_removed_devices_are_purged_and_new_ones_are_delivered(string suite)
    {
        using var sandbox = Sandbox.Create();
        using var server = NatsServer.Start(sandbox, suite);
        using var daemon = DaemonProcess.Start(sandbox);
        using var bridge = FleetCommand.Publish(sandbox, daemon, Host);
        sandbox.Run("ip link add gone0 type veth peer name gone1").Ok();
        FleetCommand.Agree(sandbox, daemon, Host, "the state");
        sandbox.Run("ip link del gone0").Ok();
        FleetCommand.Agree(sandbox, daemon, Host, "without them");
        Assert.Empty(FleetCommand.Run(sandbox, ["prune"]).Ok().Lines);
        Assert.Equal(2, FleetCommand.Run(sandbox, ["prune", "--older", "0s"]).Ok().Lines.Count());
        Assert.Empty(FleetCommand.Run(sandbox, ["prune", "--older", "0s"]).Ok().Lines);
        // Of the purged subjects the bridge knows sequences that are no more.
        sandbox.Run("ip link add gone0 type veth peer name gone1").Ok();
        FleetCommand.Agree(sandbox, daemon, Host, "once they are there again", 60);
        Assert.Equal(1, FleetCommand.Run(sandbox, ["prune", "--host", Host]).ExitCode);
        bridge.Signal(Syscalls.SIGTERM);
        bridge.WaitForExit(Deadline.Default);
        FleetCommand.Run(sandbox, ["prune", "--host", Host, "--older", "0s"]).Ok();
        Assert.Empty(FleetCommand.List(sandbox, Host));
    }

    [Fact]
    public void Credentials_come_from_files_that_systemd_gives()
    {
        using var sandbox = Sandbox.Create();
        using var server = NatsServer.Start(sandbox, "bookworm", new NatsServerOptions { Configuration = "authorization { user: u, password: secret }", Setup = null });
        using var scratch = new ScratchDirectory("creds");
        File.WriteAllText(scratch.Combine("user"), "u\n");
        File.WriteAllText(scratch.Combine("password"), "secret\n");
        Assert.Equal(1, FleetCommand.Run(sandbox, ["setup"]).ExitCode);
        using var setup = sandbox.Start([Repository.UeventNats, "setup"], new Dictionary<string, string> { ["NATS_URL"] = NatsServer.Url, ["CREDENTIALS_DIRECTORY"] = scratch.Path });
        Assert.Equal(0, setup.WaitForExit(Deadline.Seconds(30)));
    }
}
