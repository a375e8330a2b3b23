using System.Text;
using System.Text.Json;
using UeventManager.Client;
using UeventManager.Client.Testing;
using UeventManager.Core.Rules;
using UeventManager.Tests.Varlink;
using UeventManager.Varlink;

namespace UeventManager.Tests.Client;

/// <summary>The daemon for a consumer's tests behaves as the real one.</summary>
public sealed class InMemoryDaemonTests
{
    private readonly CancellationToken _deadline = TestDeadline.Start();
    private readonly InMemoryDaemon _daemon = new();

    [Fact]
    public async Task ItsRepliesAreThoseOfTheInterfaceFiles()
    {
        _daemon.Add(Net("a") with { Attributes = new Dictionary<string, string> { ["mtu"] = "1500" } });
        _daemon.Add(Net("late") with { Settled = false, Missing = ["exists: address"] });
        var calls = new (string Method, string Parameters, string? Error)[]
        {
            ("org.varlink.service.GetInfo", "{}", null),
            ("org.ueventmanager.Devices.Status", "{}", null),
            ("org.ueventmanager.Devices.List", """{"unsettled":true}""", null),
            ("org.ueventmanager.Devices.Get", """{"device":"net:a"}""", null),
            ("org.ueventmanager.Devices.Get", """{"device":"net:b"}""", "org.ueventmanager.Devices.NoSuchDevice"),
            ("org.ueventmanager.Devices.Get", """{"device":"net:late"}""", "org.ueventmanager.Devices.NotSettled"),
            ("org.ueventmanager.Devices.Wait", """{"device":"net:a"}""", null),
            ("org.ueventmanager.Devices.Wait", """{"device":"net:late","timeoutUsec":1}""", "org.ueventmanager.Devices.Timeout"),
            ("org.ueventmanager.Devices.Settle", "{}", null),
            ("org.ueventmanager.Devices.Explain", """{"device":"net:a"}""", null),
            ("org.ueventmanager.Devices.Explain", """{"device":"net:late"}""", null),
            ("org.ueventmanager.Devices.Explain", """{"device":"net:b"}""", "org.ueventmanager.Devices.NoSuchDevice"),
            ("org.ueventmanager.Devices.Metrics", "{}", null),
            ("org.ueventmanager.Control.Release", """{"device":"net:late"}""", null),
            ("org.ueventmanager.Control.Release", """{"device":"net:b"}""", "org.ueventmanager.Control.NoSuchDevice"),
            ("org.ueventmanager.Control.Reload", "{}", null),
            ("org.ueventmanager.Devices.Nothing", "{}", "org.varlink.service.MethodNotImplemented"),
        };
        await using var connection = new VarlinkClientConnection(_daemon.Connect());
        foreach ((string method, string parameters, string? error) in calls)
        {
            (string frame, string? got) = await Call(connection, method, parameters);
            Assert.Equal((method, error), (method, got));
            ReplyChecker.Check(EmbeddedInterfaces.Read(method[..method.LastIndexOf('.')]), method, frame);
        }
    }

    [Fact]
    public async Task ItsStreamIsThatOfTheInterfaceFile()
    {
        _daemon.Add(Net("a"));
        await using var connection = new VarlinkClientConnection(_daemon.Connect());
        VarlinkInterface devices = EmbeddedInterfaces.Read("org.ueventmanager.Devices");
        int replies = 0;
        await foreach (VarlinkReply reply in connection.CallMoreAsync("org.ueventmanager.Devices.Subscribe", default, _deadline))
        {
            ReplyChecker.Check(devices, "Subscribe", $$"""{"parameters":{{Encoding.UTF8.GetString(reply.Parameters.Span)}},"continues":true}""");
            switch (replies++)
            {
                case 0:
                    _daemon.Add(Net("b"), Net("c"));
                    _daemon.Move(Net("c").DevPath, Net("d"));
                    _daemon.Change(Net("d"), "online");
                    _daemon.Remove(Net("d").DevPath);
                    _daemon.Lose(lost: 3);
                    break;
                case 6:
                    _daemon.Disconnect();
                    await Assert.ThrowsAsync<DaemonUnreachableException>(async () =>
                    {
                        await foreach (VarlinkReply _ in new VarlinkClientConnection(_daemon.Connect()).CallMoreAsync(
                            "org.ueventmanager.Devices.Subscribe", default, _deadline))
                            _daemon.Disconnect();
                    });
                    return;
            }
        }
    }

    [Fact]
    public async Task AGroupComesInOnePieceAndADeviceThatWaitsNotAtAll()
    {
        await using UeventClient client = _daemon.CreateClient();
        await using IAsyncEnumerator<Change> changes = client.SubscribeAsync(cancellationToken: _deadline).GetAsyncEnumerator(_deadline);
        await changes.MoveNextAsync();
        _daemon.Add(Net("late") with { Settled = false });
        _daemon.Add(Net("a"), Net("b"));
        await changes.MoveNextAsync();
        EventsChange group = Assert.IsType<EventsChange>(changes.Current);
        Assert.Equal(["a", "b"], group.Events.Select(e => e.Device.SysName));
        Assert.Single(group.Events.Select(e => (e.Cursor, e.Group!.Id)).Distinct());
    }

    [Fact]
    public async Task AlternativesAndWhatMustHoldBesideThemSelectTogether()
    {
        await using UeventClient client = _daemon.CreateClient();
        _daemon.Add(Net("a"), Net("b"), Net("c"));
        DeviceFilter either = DeviceFilter.AnyOf([new DeviceFilter { SysNames = ["a"] }, new DeviceFilter { SysNames = ["b"], Actions = ["remove"] }]);
        Assert.Equal(["a", "b"], (await client.ListAsync(either, cancellationToken: _deadline)).Devices.Select(d => d.SysName).Order());
        Assert.Equal(["b"], (await client.ListAsync(either.And(new DeviceFilter { SysNames = ["!a"] }), cancellationToken: _deadline)).Devices.Select(d => d.SysName));
        Assert.Empty((await client.ListAsync(either.And(new DeviceFilter { Subsystems = ["block"] }), cancellationToken: _deadline)).Devices);
        // Two lists of alternatives: one of each.
        DeviceFilter both = either.And(DeviceFilter.AnyOf([new DeviceFilter { SysNames = ["b"] }, new DeviceFilter { SysNames = ["c"] }]));
        Assert.Equal(["b"], (await client.ListAsync(both, cancellationToken: _deadline)).Devices.Select(d => d.SysName));
        await using IAsyncEnumerator<Change> changes = client.SubscribeAsync(either, new SubscribeOptions { Stateless = true }, _deadline).GetAsyncEnumerator(_deadline);
        await changes.MoveNextAsync();
        foreach (string name in (string[])["a", "b", "c"])
        {
            _daemon.Change(Net(name));
            _daemon.Remove(Net(name).DevPath);
        }
        var seen = new List<string>();
        while (seen.Count < 3 && await changes.MoveNextAsync())
            seen.AddRange(((EventsChange)changes.Current).Events.Select(e => $"{e.Action} {e.Device.SysName}"));
        Assert.Equal(["change a", "remove a", "remove b"], seen);
        await using IAsyncEnumerator<Change> since = client.SubscribeAsync(either, new SubscribeOptions { Stateless = true, Since = TimeSpan.FromHours(1) }, _deadline).GetAsyncEnumerator(_deadline);
        await since.MoveNextAsync();
        await since.MoveNextAsync();
        Assert.Equal(["add a", "change a", "remove a", "remove b"], ((EventsChange)since.Current).Events.Select(e => $"{e.Action} {e.Device.SysName}"));
    }

    [Fact]
    public async Task ADeviceThatEntersOrLeavesAFilterComesAndGoes()
    {
        await using UeventClient client = _daemon.CreateClient();
        var filter = new DeviceFilter { Properties = new Dictionary<string, string> { ["STATE"] = "up" } };
        await using IAsyncEnumerator<Change> changes = client.SubscribeAsync(filter, cancellationToken: _deadline).GetAsyncEnumerator(_deadline);
        await changes.MoveNextAsync();
        _daemon.Add(State("down"));
        _daemon.Change(State("up"));
        _daemon.Change(State("up"));
        _daemon.Change(State("down"));
        _daemon.Change(State("up"));
        _daemon.Move(State("up").DevPath, State("down") with { DevPath = "/devices/virtual/net/z" });
        var seen = new List<string>();
        while (seen.Count < 5 && await changes.MoveNextAsync())
            seen.AddRange(((EventsChange)changes.Current).Events.Select(e => $"{e.Action} {e.Device.DevPath}"));
        string path = State("up").DevPath;
        Assert.Equal(["add " + path, "change " + path, "remove " + path, "add " + path, "remove " + path], seen);

        static UeventDevice State(string state) => InMemoryDaemon.Device("/devices/virtual/net/s", "net", ("STATE", state));
    }

    [Fact]
    public async Task WaitReturnsWhenItIsSoOrSaysWhatIsMissing()
    {
        await using UeventClient client = _daemon.CreateClient();
        Task<UeventDevice?> one = client.WaitAsync("net:a", cancellationToken: _deadline);
        Task<IReadOnlyList<UeventDevice>> two = client.WaitAsync(new DeviceFilter { Subsystems = ["net"] }, count: 2, cancellationToken: _deadline);
        _daemon.Add(Net("a") with { Settled = false, Missing = ["exists: address"] });
        var timeout = await Assert.ThrowsAsync<WaitTimeoutException>(() => client.WaitAsync("net:a", timeout: TimeSpan.FromMilliseconds(1), cancellationToken: _deadline));
        Assert.Equal(["exists: address"], timeout.Missing);
        Assert.False(one.IsCompleted);
        _daemon.Add(Net("a"));
        Assert.Equal("a", (await one)!.SysName);
        Assert.False(two.IsCompleted);
        Task<UeventDevice?> gone = client.WaitAsync("net:a", WaitUntil.Removed, cancellationToken: _deadline);
        _daemon.Add(Net("b"));
        Assert.Equal(2, (await two).Count);
        _daemon.Remove(Net("a").DevPath);
        Assert.Null(await gone);
    }

    [Fact]
    public async Task ASubscriptionThatIsGivenUpEnds()
    {
        await using UeventClient client = _daemon.CreateClient();
        await foreach (Change _ in client.SubscribeAsync(cancellationToken: _deadline))
        {
            Assert.Equal(1, _daemon.Subscribers);
            break;
        }
        Assert.True(SpinWait.SpinUntil(() => _daemon.Subscribers == 0, TestTime.Seconds(20)));
    }

    [Fact]
    public async Task TheClientsWaitCallMatchesTheInterface()
    {
        var asked = new List<string>();
        using var daemon = new FakeDaemon(("Wait", call =>
        {
            asked.Add(call.Parameters.GetRawText());
            call.Reply("{\"devices\":[]}"u8);
        }
        ));
        await using UeventClient client = await UeventClient.ConnectAsync(daemon.Path, _deadline);
        await client.WaitAsync("net:a", WaitUntil.Removed, TimeSpan.FromSeconds(1.5), _deadline);
        await client.WaitAsync(new DeviceFilter { Subsystems = ["pci"] }, 8, cancellationToken: _deadline);
        Assert.Equal(["""{"device":"net:a","until":"removed","timeoutUsec":1500000}""", """{"filter":{"subsystems":["pci"]},"count":8}"""], asked);
    }

    [Fact]
    public void ItsFiltersAreThoseOfTheDaemon() => Fuzz.Run(random =>
    {
        string[] pieces = ["a", "b", "/", "*", "**", "?", "[a-b]", "[!a]", "[^b/]", "[]a]", "-", "!", "]"];
        string[] letters = ["a", "b", "c", "/", "-", "]", "!"];
        for (int i = 0; i < 500; i++)
        {
            string glob = string.Concat(Enumerable.Range(0, random.Next(7)).Select(_ => pieces[random.Next(pieces.Length)]));
            string? text = random.Next(20) == 0 ? null : string.Concat(Enumerable.Range(0, random.Next(8)).Select(_ => letters[random.Next(letters.Length)]));
            if (!Glob.TryParse(glob, out Glob parsed, out _))
                continue;
            Assert.True(parsed.Matches(text) == NameGlob.Matches(glob, text), $"'{glob}' '{text}'");
        }
    });

    private static UeventDevice Net(string name) => InMemoryDaemon.Device("/devices/virtual/net/" + name, "net");

    private async Task<(string Frame, string? Error)> Call(VarlinkClientConnection connection, string method, string parameters)
    {
        try
        {
            VarlinkReply reply = await connection.CallAsync(method, Encoding.UTF8.GetBytes(parameters), _deadline);
            return ($$"""{"parameters":{{Encoding.UTF8.GetString(reply.Parameters.Span)}}}""", null);
        }
        catch (VarlinkErrorException e)
        {
            return ($$"""{"error":{{JsonSerializer.Serialize(e.Error)}},"parameters":{{e.Parameters.GetRawText()}}}""", e.Error);
        }
    }
}
