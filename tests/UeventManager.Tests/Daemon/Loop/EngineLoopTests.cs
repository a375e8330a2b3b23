using UeventManager.Client;
using UeventManager.Core.Rules;
using UeventManager.Daemon;
using UeventManager.Tests.Engine;
using UeventManager.Tests.Sysfs;

namespace UeventManager.Tests.Daemon.Loop;

/// <summary>The daemon's one thread, as its clients and its host see it.</summary>
public sealed class EngineLoopTests
{
    private const string Rule = """
        - name: complete
          match: {sysname: "*"}
          wait: [{exists: ready}]
          timeout: 600s
        """;

    [Fact]
    public async Task Existing_devices_are_known_once_the_loop_is_ready()
    {
        using var tree = new ScratchTree();
        tree.Device("/devices/a");
        tree.Device("/devices/a/b");
        using var world = await new LoopWorld(tree, RuleSet.Empty).Started();
        var list = await world.Client.ListAsync(cancellationToken: TestDeadline.Start());
        Assert.Equal(["/devices/a", "/devices/a/b"], list.Devices.Select(device => device.DevPath).Order(StringComparer.Ordinal));
    }

    // No uevent says that it is complete: the loop's own timer looks, and what the look decides goes out in the same turn.
    [Fact]
    public async Task A_device_that_becomes_complete_reaches_its_subscriber_without_a_uevent()
    {
        using var tree = new ScratchTree();
        tree.Device("/devices/a");
        using var world = await new LoopWorld(tree, TestRules.Of(Rule)).Started();
        var changes = world.Client.SubscribeAsync(cancellationToken: TestDeadline.Start()).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await changes.MoveNextAsync());
        Assert.Empty(Assert.IsType<StateChange>(changes.Current).Devices);
        tree.Write("/devices/a/ready", "");
        var added = await NextEvent(changes);
        Assert.Equal(("add", "/devices/a"), (added.Action, added.Device.DevPath));
    }

    // As at the start of a slow machine: the turn that takes the scan lasts longer than the timeout.
    [Fact]
    public async Task A_value_that_was_read_while_the_loop_was_busy_counts_as_read()
    {
        const string read = """
            - name: read
              match: {sysname: a}
              wait: [{attribute: size, equals: "10"}]
              timeout: 1500ms
            """;
        using var tree = new ScratchTree();
        tree.Device("/devices/a");
        tree.Write("/devices/a/size", "10");
        tree.Device("/devices/b");
        using var world = new LoopWorld(tree, TestRules.Of(read));
        world.Log.Logging = line =>
        {
            if (!line.Contains("/devices/b", StringComparison.Ordinal))
                return;
            world.Log.Logging = null;
            // The loop's thread is kept until the timeout is over.
            var until = Monotonic.NowUsec + 2_000_000;
            SpinWait.SpinUntil(() => Monotonic.NowUsec > until);
        };
        await world.Started();
        Assert.Null(world.Log.Logging);
        Assert.DoesNotContain(world.Log.Lines, line => line.Contains("is held", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Requests_of_other_threads_run_on_the_engines_thread()
    {
        using var tree = new ScratchTree();
        using var world = await new LoopWorld(tree, RuleSet.Empty).Started();
        var thread = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        world.Daemon.Loop.Post(() => thread.SetResult(Thread.CurrentThread.Name));
        Assert.Equal("engine", await thread.Task.WaitAsync(TestDeadline.Start()));
    }

    [Fact]
    public async Task An_exception_in_the_engine_ends_the_loop_and_is_logged()
    {
        using var tree = new ScratchTree();
        using var world = await new LoopWorld(tree, RuleSet.Empty).Started();
        world.Daemon.Loop.Post(static () => throw new InvalidOperationException("a bug"));
        world.WaitForFailure();
        world.Daemon.Stop();
        Assert.Contains(world.Log.Lines, line => line.Contains("a bug", StringComparison.Ordinal));
        // What it knew may be wrong: nothing of it is handed over.
        Assert.False(File.Exists(tree.Outside("state")));
    }

    [Fact]
    public async Task The_next_run_goes_on_where_an_orderly_end_stopped()
    {
        using var tree = new ScratchTree();
        tree.Write("/kernel/uevent_seqnum", "7");
        tree.Device("/devices/a");
        string? cursor;
        using (var first = await new LoopWorld(tree, TestRules.Of(Rule)).Started())
            cursor = (await first.Client.ListAsync(cancellationToken: TestDeadline.Start())).Cursor;
        // It came while nobody ran.
        tree.Write("/devices/a/ready", "");
        using var second = await new LoopWorld(tree, TestRules.Of(Rule)).Started();
        var changes = second.Client.SubscribeAsync(options: new SubscribeOptions { Cursor = cursor }, cancellationToken: TestDeadline.Start()).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await changes.MoveNextAsync());
        Assert.IsType<ReadyChange>(changes.Current);
        Assert.Equal("add", (await NextEvent(changes)).Action);
    }

    [Fact]
    public async Task Uevents_that_no_socket_received_between_two_runs_cause_a_gap()
    {
        using var tree = new ScratchTree();
        tree.Write("/kernel/uevent_seqnum", "7");
        string? cursor;
        using (var first = await new LoopWorld(tree, RuleSet.Empty).Started())
            cursor = (await first.Client.ListAsync(cancellationToken: TestDeadline.Start())).Cursor;
        tree.Write("/kernel/uevent_seqnum", "8");
        using var second = await new LoopWorld(tree, RuleSet.Empty).Started();
        var changes = second.Client.SubscribeAsync(options: new SubscribeOptions { Cursor = cursor }, cancellationToken: TestDeadline.Start()).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await changes.MoveNextAsync());
        Assert.NotNull(Assert.IsType<StateChange>(changes.Current).Gap);
    }

    // An exception of a thread of our own would end the process without a word to anybody.
    [Fact]
    public async Task Reads_of_sysfs_in_progress_survive_the_end()
    {
        using var tree = new ScratchTree();
        var world = await new LoopWorld(tree, RuleSet.Empty).Started();
        world.Dispose();
        Assert.True(world.Sysfs.Descriptor >= 0);
    }

    [Fact]
    public void A_loop_that_is_stopped_before_it_begins_ends_at_once()
    {
        using var tree = new ScratchTree();
        using var world = new LoopWorld(tree, RuleSet.Empty);
        world.Daemon.Stop();
        Assert.False(world.Daemon.Loop.Ready.IsCompleted);
    }

    private static async Task<UeventEvent> NextEvent(IAsyncEnumerator<Change> changes)
    {
        while (await changes.MoveNextAsync())
        {
            if (changes.Current is EventsChange { Events: [var first, ..] })
                return first;
        }
        throw new InvalidOperationException("the subscription has ended");
    }
}
