using UeventManager.Client;
using UeventManager.Client.Testing;

namespace UeventManager.Tests.Client;

/// <summary>A consumer gets what happened while its connection was lost, or learns that it missed something.</summary>
public sealed class ResumeTests
{
    private static readonly SubscribeOptions Quick = new() { FirstDelay = TimeSpan.FromMilliseconds(1), MaxDelay = TimeSpan.FromMilliseconds(4) };

    private readonly CancellationToken _deadline = TestDeadline.Start();
    private readonly InMemoryDaemon _daemon = new();

    [Fact]
    public async Task ALostConnectionIsResumedWhereItStopped()
    {
        _daemon.Add(Net("a"));
        await using UeventClient client = _daemon.CreateClient();
        await using IAsyncEnumerator<Change> changes = client.SubscribeAsync(options: Quick, cancellationToken: _deadline).GetAsyncEnumerator(_deadline);
        Assert.Equal("a", Assert.IsType<StateChange>(await Next(changes)).Devices.Single().SysName);
        _daemon.Add(Net("b"));
        Assert.Equal("b", SysName(await Next(changes)));
        _daemon.Stop();
        _daemon.Add(Net("c"));
        _daemon.Remove(Net("a").DevPath);
        ValueTask<bool> next = changes.MoveNextAsync();
        _daemon.Start();
        Assert.True(await next);
        Assert.IsType<ReadyChange>(changes.Current);
        EventsChange missed = Assert.IsType<EventsChange>(await Next(changes));
        Assert.Equal(["add c", "remove a"], missed.Events.Select(e => $"{e.Action} {e.Device.SysName}"));
    }

    [Fact]
    public async Task AGapBecomesTheWholeState()
    {
        _daemon.Add(Net("a"));
        await using UeventClient client = _daemon.CreateClient();
        await using IAsyncEnumerator<Change> changes = client.SubscribeAsync(options: Quick, cancellationToken: _deadline).GetAsyncEnumerator(_deadline);
        Assert.Null(Assert.IsType<StateChange>(await Next(changes)).Gap);
        _daemon.Lose("kernelOverrun", 7, Net("b"), Net("c"));
        StateChange state = Assert.IsType<StateChange>(await Next(changes));
        Assert.Equal(("kernelOverrun", 7), (state.Gap!.Reason, state.Gap.Lost));
        Assert.Equal(["b", "c"], state.Devices.Select(d => d.SysName));
        _daemon.Stop();
        _daemon.Start(forgetCursors: true);
        state = Assert.IsType<StateChange>(await Next(changes));
        Assert.Equal("restarted", state.Gap!.Reason);
        Assert.Equal(2, state.Devices.Count);
    }

    [Fact]
    public async Task AStatelessSubscriberSeesTheGapItself()
    {
        await using UeventClient client = _daemon.CreateClient();
        await using IAsyncEnumerator<Change> changes =
            client.SubscribeAsync(options: Quick with { Stateless = true }, cancellationToken: _deadline).GetAsyncEnumerator(_deadline);
        Assert.IsType<ReadyChange>(await Next(changes));
        _daemon.Lose();
        Assert.IsType<GapChange>(await Next(changes));
        // Cut off before the next event: what came meanwhile is not known, and that is said again.
        _daemon.Stop();
        _daemon.Add(Net("a"));
        _daemon.Start();
        Assert.IsType<GapChange>(await Next(changes));
        Assert.IsType<ReadyChange>(await Next(changes));
    }

    [Fact]
    public async Task APartOfAStateIsNotAState()
    {
        int calls = 0;
        string?[] cursors = new string?[3];
        using var daemon = new FakeDaemon(("Subscribe", call =>
        {
            cursors[calls] = call.Parameters.TryGetProperty("cursor", out var cursor) ? cursor.GetString() : null;
            if (calls++ == 0)
            {
                FakeDaemon.Stream($$"""{"state":[{{FakeDaemon.DeviceJson}}],"ready":true,"cursor":"1"}""", """{"gap":{"reason":"kernelOverrun"}}""")(call);
                call.Reply(System.Text.Encoding.UTF8.GetBytes($$"""{"state":[{{FakeDaemon.DeviceJson}}]}"""));
            }
            else
            {
                FakeDaemon.Stream("""{"state":[],"ready":true,"cursor":"2"}""")(call);
            }
        }
        ));
        await using UeventClient client = UeventClient.Of(daemon.Path);
        await using IAsyncEnumerator<Change> changes = client.SubscribeAsync(options: Quick, cancellationToken: _deadline).GetAsyncEnumerator(_deadline);
        Assert.Single(Assert.IsType<StateChange>(await Next(changes)).Devices);
        StateChange state = Assert.IsType<StateChange>(await Next(changes));
        Assert.Equal((0, "kernelOverrun", "2"), (state.Devices.Count, state.Gap!.Reason, state.Cursor));
        Assert.All(cursors[..2], Assert.Null);
    }

    [Fact]
    public async Task AClientCutOffWithinAReplayRequestsItAgain()
    {
        var cursors = new List<string?>();
        using var daemon = new FakeDaemon(("Subscribe", call =>
        {
            cursors.Add(call.Parameters.TryGetProperty("cursor", out var cursor) ? cursor.GetString() : null);
            if (cursors.Count == 1)
                call.Reply("{\"ready\":true,\"cursor\":\"9\"}"u8); // The replay from 5 to 9 never comes.
            else
                FakeDaemon.Stream("""{"ready":true,"cursor":"9"}""")(call);
        }
        ));
        await using UeventClient client = UeventClient.Of(daemon.Path);
        await using IAsyncEnumerator<Change> changes =
            client.SubscribeAsync(options: Quick with { Cursor = "5" }, cancellationToken: _deadline).GetAsyncEnumerator(_deadline);
        Assert.Equal("5", Assert.IsType<ReadyChange>(await Next(changes)).Cursor);
        Assert.Equal("5", Assert.IsType<ReadyChange>(await Next(changes)).Cursor);
        Assert.Equal(["5", "5"], cursors);
    }

    [Fact]
    public async Task TheWaitsBetweenAttemptsGrowAndAreBounded()
    {
        var told = new List<Reconnecting>();
        var enough = new InvalidOperationException("enough");
        SubscribeOptions options = Quick with
        {
            Reconnecting = reconnecting =>
            {
                told.Add(reconnecting);
                if (told.Count == 12)
                    throw enough;
            },
        };
        await using UeventClient client = _daemon.CreateClient();
        await using IAsyncEnumerator<Change> changes = client.SubscribeAsync(options: options, cancellationToken: _deadline).GetAsyncEnumerator(_deadline);
        await Next(changes);
        _daemon.Stop();
        Assert.Same(enough, await Assert.ThrowsAsync<InvalidOperationException>(async () => await changes.MoveNextAsync()));
        Assert.Equal(Enumerable.Range(1, 12), told.Select(t => t.Attempt));
        Assert.All(told, t => Assert.InRange(t.Delay, TimeSpan.FromMilliseconds(0.5), TimeSpan.FromMilliseconds(4)));
        Assert.All(told.Skip(2), t => Assert.InRange(t.Delay, TimeSpan.FromMilliseconds(2), TimeSpan.FromMilliseconds(4)));
        Assert.All(told, t => Assert.IsType<DaemonUnreachableException>(t.Reason));
    }

    [Fact]
    public async Task AFirstAttemptThatFailsIsAnErrorUnlessOneWaitsForTheDaemon()
    {
        _daemon.Stop();
        await using UeventClient client = _daemon.CreateClient();
        await Assert.ThrowsAsync<DaemonUnreachableException>(async () => await Next(client.SubscribeAsync(options: Quick, cancellationToken: _deadline).GetAsyncEnumerator(_deadline)));
        SubscribeOptions options = Quick with { WaitForDaemon = true, Reconnecting = _ => _daemon.Start() };
        await using IAsyncEnumerator<Change> changes = client.SubscribeAsync(options: options, cancellationToken: _deadline).GetAsyncEnumerator(_deadline);
        Assert.IsType<StateChange>(await Next(changes));
    }

    [Fact]
    public async Task ARefusedSubscriptionIsNotRetried()
    {
        using var daemon = new FakeDaemon(("Subscribe", call => call.Error("org.varlink.service.InvalidParameter", "{\"parameter\":\"filter\"}"u8)));
        await using UeventClient client = await UeventClient.ConnectAsync(daemon.Path, _deadline);
        await Assert.ThrowsAsync<VarlinkErrorException>(async () => await Next(
            client.SubscribeAsync(options: Quick with { WaitForDaemon = true }, cancellationToken: _deadline).GetAsyncEnumerator(_deadline)));
    }

    [Fact]
    public async Task TheOneConnectionOfASocketIsNotTriedAgain()
    {
        using var daemon = new FakeDaemon(("Subscribe", call => call.Reply("{\"ready\":true,\"state\":[]}"u8)));
        await using UeventClient client = UeventClient.FromSocket(daemon.Pair());
        await using IAsyncEnumerator<Change> changes = client.SubscribeAsync(options: Quick, cancellationToken: _deadline).GetAsyncEnumerator(_deadline);
        Assert.IsType<StateChange>(await Next(changes));
        await Assert.ThrowsAsync<DaemonUnreachableException>(async () => await Next(changes));
    }

    [Fact]
    public async Task CancellingEndsItAlsoWhileItWaits()
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(_deadline);
        _daemon.Stop();
        await using UeventClient client = _daemon.CreateClient();
        SubscribeOptions options = new() { WaitForDaemon = true, FirstDelay = TimeSpan.FromHours(1), MaxDelay = TimeSpan.FromHours(1), Reconnecting = _ => stopping.Cancel() };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Next(
            client.SubscribeAsync(options: options, cancellationToken: stopping.Token).GetAsyncEnumerator(stopping.Token)));
        Assert.False(_deadline.IsCancellationRequested);
    }

    [Fact]
    public async Task ACallAfterARestartFindsTheDaemonAgain()
    {
        await using UeventClient client = _daemon.CreateClient();
        await client.ListAsync(cancellationToken: _deadline);
        _daemon.Stop();
        await Assert.ThrowsAsync<DaemonUnreachableException>(() => client.ListAsync(cancellationToken: _deadline));
        _daemon.Start();
        await client.ListAsync(cancellationToken: _deadline);
        _daemon.Disconnect(); // The connection that is idle now is dead.
        Assert.Equal("in memory", (await client.StatusAsync(_deadline)).Version);
    }

    private static UeventDevice Net(string name) => InMemoryDaemon.Device("/devices/virtual/net/" + name, "net");

    private static string SysName(Change change) => Assert.Single(Assert.IsType<EventsChange>(change).Events).Device.SysName;

    private static async Task<Change> Next(IAsyncEnumerator<Change> changes)
    {
        Assert.True(await changes.MoveNextAsync());
        return changes.Current;
    }
}
