using System.Net.Sockets;
using System.Text;
using UeventManager.Client;

namespace UeventManager.Tests.Client;

/// <summary>A consumer sees the true devices, and learns that the daemon has gone instead of hanging.</summary>
public sealed class UeventClientTests
{
    private readonly CancellationToken _deadline = TestDeadline.Start();

    [Fact]
    public async Task ASubscriptionYieldsStateReadyEventsAndGap()
    {
        using var daemon = new FakeDaemon(("Subscribe", FakeDaemon.Stream(
            $$"""{"state":[{{FakeDaemon.DeviceJson}}]}""",
            """{"state":[],"ready":true,"cursor":"6"}""",
            $$"""{"events":[{{FakeDaemon.EventJson}},{{FakeDaemon.EventJson}}]}""",
            """{"gap":{"reason":"kernelOverrun","lost":3}}""",
            """{"ready":true}""")));
        await using UeventClient client = await UeventClient.ConnectAsync(daemon.Path, _deadline);
        var seen = new List<Change>();
        await foreach (Change change in client.SubscribeOnceAsync(cancellationToken: _deadline))
        {
            seen.Add(change);
            if (seen.Count == 6)
                break;
        }
        Assert.Equal("ä\n", Assert.IsType<StateChange>(seen[0]).Devices.Single().Properties["X"]);
        Assert.Empty(Assert.IsType<StateChange>(seen[1]).Devices);
        Assert.Equal("6", Assert.IsType<ReadyChange>(seen[2]).Cursor);
        EventsChange events = Assert.IsType<EventsChange>(seen[3]);
        Assert.Equal(2, events.Events.Count);
        Assert.Equal("7", events.Cursor);
        Assert.Equal((12, 3500, "veth0"), (events.Events[0].Seqnum, events.Events[0].SettledUsec, events.Events[0].Device.SysName));
        Assert.Equal(3, Assert.IsType<GapChange>(seen[4]).Gap.Lost);
        Assert.IsType<ReadyChange>(seen[5]);
    }

    [Fact]
    public async Task OmittedParametersAreNotSent()
    {
        string? plain = null, full = null;
        int calls = 0;
        using var daemon = new FakeDaemon(("Subscribe", call =>
        {
            if (calls++ == 0)
                plain = call.Parameters.GetRawText();
            else
                full = call.Parameters.GetRawText();
            call.Reply("{\"ready\":true}"u8, continues: true);
        }
        ));
        await using UeventClient client = await UeventClient.ConnectAsync(daemon.Path, _deadline);
        await foreach (Change _ in client.SubscribeOnceAsync(cancellationToken: _deadline))
            break;
        var filter = new DeviceFilter
        {
            Subsystems = ["net"],
            Actions = ["add"],
            Properties = new Dictionary<string, string> { ["A"] = "b*" },
        };
        await foreach (Change _ in client.SubscribeOnceAsync(filter, "c", stateless: true, unsettled: true, cancellationToken: _deadline))
            break;
        Assert.Equal("{}", plain);
        Assert.Equal(
            """{"filter":{"subsystems":["net"],"actions":["add"],"properties":{"A":"b*"}},"cursor":"c","stateless":true,"unsettled":true}""", full);
    }

    [Fact]
    public async Task CallsRunBesideASubscription()
    {
        using var daemon = new FakeDaemon(
            ("Subscribe", FakeDaemon.Stream("""{"ready":true}""")),
            ("List", FakeDaemon.Replies($$"""{"devices":[{{FakeDaemon.DeviceJson}}]}""", """{"devices":[],"cursor":"9"}""")),
            ("Get", FakeDaemon.Replies($$"""{"device":{{FakeDaemon.DeviceJson}}}""")),
            ("Status", FakeDaemon.Replies("""
                {"version":"1","startedUsec":1,"devices":2,"waiting":3,"held":4,"rules":5,"counters":{"lost":6},
                "subscribers":[{"pid":1,"uid":0,"queuedEvents":0,"queuedBytes":0,"gaps":0,"sinceUsec":1}]}
                """)));
        await using UeventClient client = await UeventClient.ConnectAsync(daemon.Path, _deadline);
        await foreach (Change _ in client.SubscribeOnceAsync(cancellationToken: _deadline))
        {
            DeviceList list = await client.ListAsync(cancellationToken: _deadline);
            Assert.Equal(("9", 1), (list.Cursor, list.Devices.Count));
            Assert.Equal("net", (await client.GetAsync("net:veth0", _deadline)).Subsystem);
            DaemonStatus status = await client.StatusAsync(_deadline);
            Assert.Equal((6, 1), (status.Counters["lost"], status.Subscribers.Count));
            Assert.Contains("org.ueventmanager.Devices", (await client.GetInfoAsync(_deadline)).Interfaces);
            break;
        }
    }

    [Fact]
    public async Task AnErrorHasItsNameAndMembersAndTheConnectionGoesOn()
    {
        using var daemon = new FakeDaemon(
            ("Get", call => call.Error("org.ueventmanager.Devices.NoSuchDevice", "{\"device\":\"x\"}"u8)),
            ("List", FakeDaemon.Replies("""{"devices":[]}""")));
        await using UeventClient client = UeventClient.FromSocket(daemon.Pair());
        var error = await Assert.ThrowsAsync<DeviceNotFoundException>(() => client.GetAsync("x", _deadline));
        Assert.Equal("org.ueventmanager.Devices.NoSuchDevice", error.Error);
        Assert.Equal("x", error.Parameters.GetProperty("device").GetString());
        Assert.Empty((await client.ListAsync(cancellationToken: _deadline)).Devices);
    }

    [Fact]
    public async Task ADaemonThatIsNotThereIsSaidSo()
    {
        string path = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString());
        var error = await Assert.ThrowsAsync<DaemonUnreachableException>(() => UeventClient.ConnectAsync(path, _deadline));
        Assert.StartsWith(path + ": no such socket (start the daemon", error.Message, StringComparison.Ordinal);
        using (var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            dead.Bind(new UnixDomainSocketEndPoint(path + ".dead"));
            File.Move(path + ".dead", path);
        }
        error = await Assert.ThrowsAsync<DaemonUnreachableException>(() => UeventClient.ConnectAsync(path, _deadline));
        Assert.StartsWith(path + ": no daemon is listening there", error.Message, StringComparison.Ordinal);
        File.Delete(path);
        error = await Assert.ThrowsAsync<DaemonUnreachableException>(() => UeventClient.ConnectAsync("/" + new string('x', 200), _deadline));
    }

    [Fact]
    public async Task ADaemonThatGoesEndsTheStream()
    {
        var daemon = new FakeDaemon(("Subscribe", FakeDaemon.Stream("""{"ready":true}""")));
        await using UeventClient client = await UeventClient.ConnectAsync(daemon.Path, _deadline);
        await Assert.ThrowsAsync<DaemonUnreachableException>(async () =>
        {
            await foreach (Change _ in client.SubscribeOnceAsync(cancellationToken: _deadline))
                daemon.Dispose();
        });
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{\"parameters\":1}")]
    [InlineData("{\"bogus\":1}")]
    [InlineData("{} {}")]
    [InlineData("{\"parameters\":{\"version\":1}}")]
    [InlineData("{\"parameters\":{}}")]
    [InlineData("")]
    public async Task AnInvalidReplyIsRefused(string frame)
    {
        using var stream = new ScriptedStream(Encoding.UTF8.GetBytes(frame + "\0"), 4096);
        await using var client = new UeventClient(_ => Task.FromResult<Stream>(stream));
        await Assert.ThrowsAsync<VarlinkProtocolException>(() => client.StatusAsync(_deadline));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100_000)]
    public async Task RepliesMaySplitAnywhere(int step)
    {
        string device = "{\"parameters\":{\"device\":"
            + FakeDaemon.DeviceJson.Replace("veth0", new string('v', 30_000), StringComparison.Ordinal) + "}}";
        byte[] bytes = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(device + "\0", 3)));
        using var stream = new ScriptedStream(bytes, step);
        await using var client = new UeventClient(_ => Task.FromResult<Stream>(stream));
        for (int i = 0; i < 3; i++)
            Assert.Equal(30_000, (await client.GetAsync("x", _deadline)).SysName.Length);
    }
}
