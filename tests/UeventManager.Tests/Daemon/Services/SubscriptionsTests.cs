using System.Text.Json;
using Tmds.Linux;
using UeventManager.Core.Dispatch;
using UeventManager.Core.Rules;
using UeventManager.Daemon.Services;
using UeventManager.Tests.Dispatch;
using UeventManager.Tests.Varlink;
using UeventManager.Varlink;

namespace UeventManager.Tests.Daemon.Services;

/// <summary>Subscribe calls over real sockets: the order of delivery, and what a slow subscriber costs the others.</summary>
public sealed class SubscriptionsTests : IDisposable
{
    private readonly TestServer _server = new();
    private readonly StreamWorld _world = new();
    private readonly Subscriptions _subscriptions;
    private DeviceFilter? _filter;

    public SubscriptionsTests()
    {
        _subscriptions = new Subscriptions(_world.Publisher);
        _server.Dispatcher.Handle("org.example.test.Missing", call => _subscriptions.Add(call, publisher => publisher.Subscribe(_filter, stateless: false, unsettled: false, cursor: null)), VarlinkMethodFlags.RequiresMore);
    }

    public void Dispose() => _server.Dispose();

    [Fact]
    public void A_subscriber_gets_the_state_and_then_each_event()
    {
        _world.Uevent("add", "/devices/a");
        using var client = Subscribe();
        Assert.Equal(["a"], Names(client, "state"));
        _world.Uevent("add", "/devices/b");
        _subscriptions.Flush();
        Assert.Equal(["b"], Names(client, "events"));
    }

    [Fact]
    public void Subscribers_at_the_same_place_get_the_same_bytes()
    {
        using var one = Subscribe();
        using var other = Subscribe();
        Assert.Equal(one.Read(), other.Read());
        for (var i = 0; i < 5; i++)
            _world.Uevent("add", $"/devices/d{i}");
        // As long as it takes: half a millisecond, which is the rule, is over before the second one's turn where the code has yet to be compiled.
        _subscriptions.Flush(TestTime.Factor * 10_000_000);
        var frame = one.Read();
        Assert.Equal(frame, other.Read());
        Assert.Equal(5, JsonDocument.Parse(frame).RootElement.GetProperty("parameters").GetProperty("events").GetArrayLength());
    }

    [Fact]
    public void A_subscriber_that_leaves_is_forgotten_and_the_others_continue()
    {
        using var stays = Subscribe();
        using (var goes = Subscribe())
            goes.Read();
        stays.Read();
        _server.Poller.Until(() => _subscriptions.All.Count == 1, "the connection that ended is forgotten");
        Assert.Single(_world.Publisher.Streams);
        _world.Uevent("add", "/devices/a");
        _subscriptions.Flush();
        Assert.Equal(["a"], Names(stays, "events"));
    }

    [Fact]
    public void A_subscriber_that_does_not_read_delays_nobody_and_gets_everything_later_in_order()
    {
        using var slow = Subscribe();
        using var quick = Subscribe();
        slow.Read();
        quick.Read();
        // More than a socket takes, less than a subscriber's queue.
        var expected = new List<string>();
        var got = new List<string>();
        for (var i = 0; i < 3000; i++)
        {
            expected.Add($"d{i}");
            _world.Uevent("add", $"/devices/d{i}", $"FILLER={new string('x', 200)}");
            _subscriptions.Flush();
            if (i % 100 == 99)
                Read(quick, got, expected.Count);
        }
        Assert.Equal(expected, got);
        Assert.Contains(_world.Publisher.Streams, stream => stream.QueuedBytes > 0);
        got.Clear();
        Read(slow, got, expected.Count);
        Assert.Equal(expected, got);
        Assert.Equal(0, _world.Publisher.Gaps);
    }

    [Fact]
    public void The_filters_of_a_user_may_cost_an_event_only_so_much()
    {
        _filter = new DeviceFilter { Subsystems = [.. Enumerable.Range(0, 10 * Subscriptions.MaxFilterSteps).Select(i => Glob.Parse($"s{i}"))] };
        Assert.InRange(_filter.Steps, (Subscriptions.MaxFilterSteps / 2) + 1, Subscriptions.MaxFilterSteps);
        var own = (uint)LibC.getuid();
        Assert.True(_subscriptions.HasRoom(own, _filter));
        using (Subscribe())
        {
            Assert.False(_subscriptions.HasRoom(own, _filter));
            Assert.True(_subscriptions.HasRoom(own, null));
            Assert.True(_subscriptions.HasRoom(own + 1, _filter));
        }
        _server.Poller.Until(() => _subscriptions.All.Count == 0, "the connection that ended is forgotten");
        Assert.True(_subscriptions.HasRoom(own, _filter));
    }

    private TestClient Subscribe()
    {
        var client = _server.Connect();
        client.Send(TestClient.Call("Missing", flags: ",\"more\":true"));
        _server.Poller.Drain();
        return client;
    }

    private void Read(TestClient client, List<string> names, int count)
    {
        while (names.Count < count)
        {
            _subscriptions.Flush();
            names.AddRange(Names(client, "events"));
        }
    }

    private static List<string> Names(TestClient client, string member) =>
        [.. JsonDocument.Parse(client.Read()).RootElement.GetProperty("parameters").GetProperty(member).EnumerateArray()
            .Select(one => (member == "state" ? one : one.GetProperty("device")).GetProperty("sysname").GetString()!)];
}
