using System.Globalization;
using System.Text;
using UeventManager.Client;
using UeventManager.Client.Testing;
using UeventManager.Fleet;
using UeventManager.KernelTests.Harness;
using UeventManager.Nats.Bridge;

namespace UeventManager.KernelTests.Fleet;

/// <summary>What consumers of the library see at a real broker: where they go on, what was purged, a host that is installed anew, a broker that was away for long.</summary>
public sealed class FleetConsumerTests
{
    private const string Host = "h";

    public static TheoryData<string> Suites => NatsServer.Suites;

    [Theory]
    [MemberData(nameof(Suites))]
    public async Task A_consumer_resumes_after_the_last_event_that_it_has_seen(string suite)
    {
        using var broker = LocalBroker.Start(suite);
        var daemon = new InMemoryDaemon();
        await using var bridge = new RunningBridge(broker, daemon);
        daemon.Add(Device(0, 0));
        await using var fleet = new FleetClient(new FleetOptions { Server = broker.Url });
        var position = (await ReadAsync(fleet, null, changes => Numbers(changes).Contains(0) || changes.OfType<FleetState>().Any(state => state.Devices.Count == 1)))[^1].Position;
        for (var i = 1; i <= 50; i++)
            daemon.Change(Device(0, i));
        // Which may end anywhere among them.
        var some = await ReadAsync(fleet, position, changes => Numbers(changes).Any());
        var rest = await ReadAsync(fleet, some[^1].Position, changes => Numbers(some).Concat(Numbers(changes)).Contains(50));
        Assert.Equal(Enumerable.Range(1, 50), Numbers(some).Concat(Numbers(rest)).Where(number => number > 0));
        Assert.DoesNotContain(rest, change => change is FleetGap or FleetState);
        Assert.Equal(rest[^1].Position, FleetPosition.TryParse(rest[^1].Position.ToString()));
    }

    [Fact]
    public async Task A_consumer_that_resumes_in_another_stream_gets_its_state()
    {
        using var broker = LocalBroker.Start("bookworm");
        var daemon = new InMemoryDaemon();
        daemon.Add(Device(0, 0), Device(1, 1));
        await using var bridge = new RunningBridge(broker, daemon);
        await using var fleet = new FleetClient(new FleetOptions { Server = broker.Url });
        var changes = await ReadAsync(fleet, new FleetPosition(1_000_000), changes => Count(changes) == 2);
        Assert.Contains(changes, change => change is FleetState);
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public async Task A_consumer_that_missed_a_purged_remove_gets_the_state(string suite)
    {
        using var broker = LocalBroker.Start(suite);
        var daemon = new InMemoryDaemon();
        daemon.Add(Device(0, 0), Device(1, 1), Device(2, 2));
        await using var bridge = new RunningBridge(broker, daemon);
        await using var fleet = new FleetClient(new FleetOptions { Server = broker.Url });
        await using var watching = new Watching(broker.Url);
        var before = await ReadAsync(fleet, null, changes => Count(changes) == 3);
        daemon.Remove("/devices/d0");
        daemon.Change(Device(1, 3));
        await watching.UntilAsync(changes => Numbers(changes).Contains(3), "the one that watches sees it");
        Assert.Single(broker.Command(["prune", "--older", "0s"]).Ok().Lines);
        var after = await ReadAsync(fleet, before[^1].Position, changes => changes.Any(change => change is FleetState));
        Assert.Equal(2, Count(after));
        daemon.Change(Device(1, 4));
        await watching.UntilAsync(changes => Numbers(changes).Contains(4), "the one that watches goes on");
        // It has seen everything, and is not troubled.
        Assert.DoesNotContain(watching.Changes.Skip(1), change => change is FleetGap or FleetState { Devices.Count: > 0 });
        Assert.Equal(2, watching.Table.Devices.Count);
    }

    [Fact]
    public async Task A_consumer_forgets_a_purged_host()
    {
        using var broker = LocalBroker.Start("trixie");
        var daemon = new InMemoryDaemon();
        daemon.Add(Device(0, 0));
        await using var watching = new Watching(broker.Url);
        await using (new RunningBridge(broker, daemon))
            await watching.UntilAsync(_ => watching.Table.Devices.Count == 1, "the host comes");
        await watching.UntilAsync(_ => watching.Table.Hosts[Host].State == FleetHostState.Stopped, "its bridge has ended");
        Assert.Single(watching.Table.Devices);
        broker.Command(["prune", "--host", Host, "--older", "0s"]).Ok();
        await watching.UntilAsync(_ => watching.Table.Hosts.Count == 0 && watching.Table.Devices.Count == 0, "the host is gone");
        Assert.Empty(broker.Command(["list", "--json"]).Ok().Lines);
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public async Task A_reinstalled_host_publishes_only_its_differences(string suite)
    {
        using var broker = LocalBroker.Start(suite);
        await using var watching = new Watching(broker.Url);
        var daemon = new InMemoryDaemon();
        daemon.Add([.. Enumerable.Range(0, 100).Select(number => Device(number, number))]);
        await using (new RunningBridge(broker, daemon))
            await watching.UntilAsync(_ => watching.Table.Devices.Count == 100, "the host comes");
        // One device is another, one is gone, one is new; its daemon is of another boot, and so is the bridge.
        var anew = new InMemoryDaemon();
        anew.Add([.. Enumerable.Range(1, 100).Select(number => Device(number, number == 50 ? 1000 : number))]);
        var seen = watching.Changes.Count;
        await using var bridge = new RunningBridge(broker, anew);
        await watching.UntilAsync(_ => watching.Table.Devices.ContainsKey((Host, "/devices/d100")), "it is there again");
        Assert.Equal(
            ["add /devices/d100", "change /devices/d50", "remove /devices/d0"],
            watching.Changes.Skip(seen).OfType<FleetEvents>().SelectMany(change => change.Events).Select(one => $"{one.Event.Action} {one.Event.Device.DevPath}").Order());
        Assert.Equal(Lines(1, 100), watching.Lines());
    }

    [Fact]
    public async Task After_a_broker_was_away_for_longer_than_the_daemon_keeps_events_there_is_a_gap_and_the_state_is_right()
    {
        using var broker = LocalBroker.Start("trixie");
        var daemon = new InMemoryDaemon();
        daemon.Add([.. Enumerable.Range(0, 100).Select(number => Device(number, number))]);
        await using var watching = new Watching(broker.Url);
        await using var bridge = new RunningBridge(broker, daemon);
        await watching.UntilAsync(_ => watching.Table.Devices.Count == 100, "the host comes");
        broker.Kill();
        await bridge.SaysAsync("trying again until it succeeds");
        // More than it keeps for who comes back: an hour of twenty a second.
        var devices = Enumerable.Range(0, 100).Select(number => Device(number, number + 1)).ToArray();
        for (var i = 0; i < 72_000; i++)
            daemon.Change(devices[i % 99]);
        daemon.Remove("/devices/d99");
        broker.StartAgain();
        await watching.UntilAsync(_ => watching.Table.Devices.Count == 99, "what it missed is made up for");
        Assert.Contains(watching.Changes, change => change is FleetGap { Gap.Reason: "cursorUnknown" });
        Assert.Equal(devices.Take(99).Select(device => Encoding.UTF8.GetString(FleetJson.Write(new FleetDevice(Host, device)))).Order(StringComparer.Ordinal), watching.Lines());
    }

    [Fact]
    public async Task A_host_without_a_lease_is_stale()
    {
        using var broker = LocalBroker.Start("trixie");
        var daemon = new InMemoryDaemon();
        daemon.Add(Device(0, 0));
        await using var watching = new Watching(broker.Url);
        await using (new RunningBridge(broker, daemon))
            await watching.UntilAsync(_ => watching.Table.Devices.Count == 1, "the host comes");
        using (var raw = new RawNats(broker.Port))
            Assert.Contains("\"success\":true", raw.Ask("$JS.API.STREAM.PURGE.UEVENTS", $"{{\"filter\":\"uevent.{Host}.lease\"}}"), StringComparison.Ordinal);
        var status = broker.Command(["status", "--json"]);
        Assert.Equal(1, status.ExitCode);
        Assert.Contains("\"state\":\"stale\",\"devices\":1", status.Output, StringComparison.Ordinal);
    }

    private static UeventDevice Device(int which, int number) =>
        InMemoryDaemon.Device($"/devices/d{which}", "fleet", ("NUMBER", number.ToString(CultureInfo.InvariantCulture)));

    private static IEnumerable<string> Lines(int from, int to) => Enumerable.Range(from, to - from + 1).Select(number => Device(number, number == 50 ? 1000 : number))
        .Select(device => Encoding.UTF8.GetString(FleetJson.Write(new FleetDevice(Host, device)))).Order(StringComparer.Ordinal);

    private static IEnumerable<int> Numbers(IEnumerable<FleetChange> changes) => changes.OfType<FleetEvents>().SelectMany(change => change.Events)
        .Where(one => one.Event.Action != "remove").Select(one => int.Parse(one.Event.Device.Properties["NUMBER"], CultureInfo.InvariantCulture));

    private static int Count(IEnumerable<FleetChange> changes)
    {
        var table = new FleetTable();
        foreach (var change in changes)
            table.Apply(change);
        return table.Devices.Count;
    }

    private static async Task<List<FleetChange>> ReadAsync(FleetClient fleet, FleetPosition? after, Func<List<FleetChange>, bool> isEnough)
    {
        using var limit = new CancellationTokenSource(Deadline.Seconds(30).Remaining);
        var changes = new List<FleetChange>();
        await foreach (var change in fleet.SubscribeAsync(new FleetSubscribeOptions { After = after }, limit.Token))
        {
            changes.Add(change);
            if (isEnough(changes))
                break;
        }
        return changes;
    }

    private sealed class RunningBridge : IAsyncDisposable
    {
        private readonly CancellationTokenSource _ending = new();
        private readonly List<string> _said = [];
        private readonly Task _task;

        public RunningBridge(LocalBroker broker, InMemoryDaemon daemon) => _task = new HostBridge(new BridgeOptions
        {
            Broker = new FleetOptions { Server = broker.Url },
            Host = Host,
            Boot = Guid.NewGuid().ToString(),
            Beat = TimeSpan.FromMilliseconds(300),
            Connect = _ => Task.FromResult(daemon.Connect()),
            Say = text =>
            {
                lock (_said)
                    _said.Add(text);
            },
        }).RunAsync(_ending.Token);

        public Task SaysAsync(string text) => Eventually.HoldsAsync(
            () =>
            {
                lock (_said)
                    return _said.Any(line => line.Contains(text, StringComparison.Ordinal));
            },
            Deadline.Seconds(30),
            $"the bridge says '{text}'");

        public async ValueTask DisposeAsync()
        {
            await _ending.CancelAsync();
            await _task;
            _ending.Dispose();
        }
    }

    private sealed class Watching : IAsyncDisposable
    {
        private readonly CancellationTokenSource _ending = new();
        private readonly FleetClient _fleet;
        private readonly List<FleetChange> _changes = [];
        private readonly Task _task;

        public Watching(string url)
        {
            _fleet = new FleetClient(new FleetOptions { Server = url });
            Table.Changed += (_, change) =>
            {
                lock (_changes)
                    _changes.Add(change);
            };
            _task = Table.RunAsync(_fleet, null, _ending.Token);
        }

        public FleetTable Table { get; } = new();

        public List<FleetChange> Changes
        {
            get
            {
                lock (_changes)
                    return [.. _changes];
            }
        }

        public IEnumerable<string> Lines() => Table.Devices.Values.Select(device => Encoding.UTF8.GetString(FleetJson.Write(device))).Order(StringComparer.Ordinal);

        public async Task UntilAsync(Func<List<FleetChange>, bool> holds, string what)
        {
            await Eventually.HoldsAsync(() => _task.IsFaulted || holds(Changes), Deadline.Seconds(60), what);
            Assert.False(_task.IsFaulted, $"{what}: {_task.Exception}");
        }

        public async ValueTask DisposeAsync()
        {
            await _ending.CancelAsync();
            await _task.ContinueWith(_ => { }, TaskScheduler.Default);
            await _fleet.DisposeAsync();
            _ending.Dispose();
        }
    }
}
