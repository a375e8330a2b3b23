using UeventManager.Core.Dispatch;

namespace UeventManager.Tests.Engine;

/// <summary>A change that makes a device less complete is not delivered, and queries about the device show it.</summary>
public sealed class UnfinishedChangeTests
{
    private static EngineWorld Detached(string policy, out Simulation.Model.ModelDevice device)
    {
        // As losetup -d leaves a loop device under a rule that waits for its backing file at every change.
        var world = new EngineWorld($$"""
            - name: backed
              on: [add, change]
              wait: [{exists: loop/backing_file}]
              timeout: 1s
              onTimeout: {{policy}}
            """);
        device = world.Add("loop0", "block").Write("loop/backing_file", "/disk");
        world.Run(10_000);
        world.Sees("add loop0");
        device.Delete("loop/backing_file");
        world.Change("loop0");
        return world;
    }

    private static void IsUnfinished(EngineWorld world)
    {
        var device = world.Device("loop0");
        Assert.True(device.HasUnfinishedChange);
        var found = world.Engine.Explain(device);
        Assert.Equal(["exists: loop/backing_file"], found.Unfinished!);
        Assert.False(Assert.Single(found.Conditions).Held);
        var seen = DeviceView.OfUnfinished(device);
        Assert.False(seen.Findings.Settled);
        Assert.Equal(["exists: loop/backing_file"], seen.Findings.Missing!);
        Assert.True(DeviceView.OfAnnounced(device).Findings.Settled);
    }

    [Theory]
    [InlineData("hold")]
    [InlineData("drop")]
    public void An_unfinished_change_is_shown_while_it_waits_and_after_its_timeout(string policy)
    {
        var world = Detached(policy, out var device);
        world.Run(500_000);
        IsUnfinished(world);
        world.Run(10_000_000);
        world.Sees();
        IsUnfinished(world);
        device.Write("loop/backing_file", "/other");
        world.Change("loop0");
        world.Run(10_000);
        // The one that was held is complete by the same look.
        world.Sees(policy == "hold" ? ["change loop0", "change loop0"] : ["change loop0"]);
        Assert.False(world.Device("loop0").HasUnfinishedChange);
        Assert.Null(world.Engine.Explain(world.Device("loop0")).Unfinished);
    }

    [Fact]
    public void An_unfinished_change_is_shown_with_its_own_rule()
    {
        var world = new EngineWorld("- {name: first, wait: [{exists: uevent}]}");
        world.Add("loop0", "block");
        world.Run(10_000);
        world.Sees("add loop0");
        world.ReplaceRules(TestRules.Of("- {name: second, wait: [{exists: loop/backing_file}], timeout: 1s}"));
        world.Change("loop0");
        world.Run(5_000_000);
        var seen = DeviceView.OfUnfinished(world.Device("loop0"));
        Assert.Equal("second", seen.Findings.Rule);
        Assert.Equal(["exists: loop/backing_file"], seen.Findings.Missing!);
        Assert.Equal("second", world.Engine.Explain(world.Device("loop0")).RuleName);
        Assert.Equal("first", DeviceView.OfAnnounced(world.Device("loop0")).Findings.Rule);
    }

    [Theory]
    [InlineData("hold")]
    [InlineData("drop")]
    public void A_wait_for_the_device_waits_for_it(string policy)
    {
        var world = Detached(policy, out var device);
        world.Run(5_000_000);
        var wait = WaitFor(world, "loop0");
        world.Run(1_000_000);
        Assert.Null(wait.Answer);
        device.Write("loop/backing_file", "/other");
        world.Change("loop0");
        world.Run(10_000);
        Assert.Equal("/devices/loop0", wait.Answer);
    }

    [Fact]
    public void A_change_that_is_delivered_unsettled_counts_as_finished()
    {
        var world = Detached("deliver", out _);
        world.Run(10_000_000);
        world.Sees("change loop0 unsettled");
        Assert.False(world.Device("loop0").HasUnfinishedChange);
    }

    [Theory]
    [InlineData("hold")]
    [InlineData("drop")]
    public void The_next_run_knows_an_unfinished_change(string policy)
    {
        var world = Detached(policy, out var device);
        world.Run(10_000_000);
        world.Restart();
        world.Run(1_000_000);
        Assert.True(world.Device("loop0").HasUnfinishedChange);
        Assert.Equal(["exists: loop/backing_file"], DeviceView.OfUnfinished(world.Device("loop0")).Findings.Missing);
        device.Write("loop/backing_file", "/other");
        world.Change("loop0");
        world.Run(1_000_000);
        Assert.False(world.Device("loop0").HasUnfinishedChange);
    }

    // Also where the rule does not wait at changes, and for other actions: until the event is delivered, the old values are shown.
    [Theory]
    [InlineData("change")]
    [InlineData("bind")]
    public void An_event_whose_look_hangs_is_shown_too(string action)
    {
        var world = Hanging(action, out var device);
        Assert.True(world.Device("a").HasUnfinishedChange);
        Assert.False(DeviceView.OfUnfinished(world.Device("a")).Findings.Settled);
        Assert.NotNull(world.Engine.Explain(world.Device("a")).Unfinished);
        var wait = WaitFor(world, "a");
        world.Run(100_000);
        Assert.Null(wait.Answer);
        device.Find("v")!.Blocks = false;
        world.Run(100_000);
        world.Sees($"{action} a");
        Assert.Equal("/devices/a", wait.Answer);
        Assert.False(world.Device("a").HasUnfinishedChange);
    }

    [Fact]
    public void A_wait_is_answered_when_a_look_after_lost_events_finds_no_news()
    {
        var world = Hanging(null, out var device);
        world.Overrun();
        world.Run(2_000_000);
        Assert.Equal(1, world.Reconciled);
        Assert.True(world.Device("a").HasUnfinishedChange);
        var wait = WaitFor(world, "a");
        world.Run(100_000);
        Assert.Null(wait.Answer);
        device.Find("v")!.Blocks = false;
        world.Run(100_000);
        world.Sees();
        Assert.Equal("/devices/a", wait.Answer);
    }

    [Theory]
    [InlineData("add")]
    [InlineData("add, change")]
    public void A_device_with_an_event_at_every_moment_can_be_waited_for(string on)
    {
        var world = new EngineWorld($"- {{name: r, on: [{on}], attach: {{attributes: [v]}}}}");
        world.Add("a").Write("v", "1");
        world.Run(10_000);
        world.ReadUsec = 50_000;
        for (var i = 0; i < 5; i++)
        {
            world.Change("a");
            world.Run(40_000);
        }
        Assert.True(world.Device("a").HasUnfinishedChange);
        var wait = WaitFor(world, "a");
        Assert.Null(wait.Answer);
        for (var i = 0; i < 5; i++)
        {
            world.Change("a");
            world.Run(40_000);
        }
        Assert.Equal("/devices/a", wait.Answer);
    }

    private static EngineWorld Hanging(string? action, out Simulation.Model.ModelDevice device)
    {
        var world = new EngineWorld("- {name: r, on: [add], timeout: 20s, attach: {attributes: [v]}}");
        device = world.Add("a").Write("v", "1");
        world.Run(10_000);
        world.Sees("add a");
        device.Find("v")!.Blocks = true;
        if (action is not null)
            world.Send(action, "a");
        world.Run(500_000);
        world.Sees();
        return world;
    }

    private sealed class Watch
    {
        public string? Answer { get; set; }
    }

    private static Watch WaitFor(EngineWorld world, string name)
    {
        var watch = new Watch();
        world.Waiters.Add(new NamedWait(EngineWorld.Dev(name), () => (new DeviceKey(DeviceKeyKind.Path, EngineWorld.Dev(name)), true), untilRemoved: false, world.Now + 60_000_000)
        {
            Answer = devices => watch.Answer = Assert.Single(devices).DevPath,
            Expire = _ => watch.Answer = "nothing",
        }, world.Now);
        return watch;
    }
}
