using UeventManager.Core.Ordering;

namespace UeventManager.Tests.Engine;

/// <summary>A device that never settles ends as its rule says, in time, and never silently.</summary>
public sealed class TimeoutTests
{
    private static string Rule(string policy) => $"""
        - name: r
          wait: [{"{"}exists: ready{"}"}]
          timeout: 2s
          onTimeout: {policy}
        """;

    [Fact]
    public void A_held_device_is_announced_late_when_it_settles()
    {
        var world = new EngineWorld(Rule("hold"));
        var device = world.Add("a");
        world.Run(2_000_000);
        world.Run(1);
        world.Sees();
        Assert.Equal(DeviceState.Held, world.State("a"));
        Assert.Equal(["Held a: exists: ready"], world.Incidents);
        device.Write("ready", "");
        world.Run(30_001_000);
        world.Sees("add a");
        Assert.True(world.Last.Findings.Settled);
        Assert.Contains("AnnouncedLate a: ", world.Incidents);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("p")]
    [InlineData("a/c")]
    public void A_held_device_is_looked_at_again_at_every_later_uevent(string from)
    {
        var world = new EngineWorld("""
            - name: r
              match: {sysname: a}
              wait: [{exists: ready}]
              timeout: 2s
            """);
        world.Add("p");
        var device = world.Add("p/a");
        world.Add("p/a/c");
        world.Run(10_000_000);
        world.Sees("add p", "add p/a/c");
        device.Write("ready", "");
        world.Send("change", from == "p" ? "p" : "p/" + from);
        world.Run(1_000);
        Assert.Contains(world.Seen, e => e.ToString() == "add p/a");
    }

    [Fact]
    public void A_device_delivered_at_its_timeout_is_unsettled_and_lists_what_is_missing()
    {
        var world = new EngineWorld(Rule("deliver"));
        world.Add("a");
        var start = world.Now;
        world.Run(10_000_000);
        world.Sees("add a unsettled");
        Assert.Equal(2_000_000, world.Last.AtUsec - start);
        Assert.Equal(["exists: ready"], world.Last.Findings.Missing!);
        Assert.Equal(1, world.Engine.Counters.DeliveredUnsettled);
    }

    [Fact]
    public void A_device_that_lacks_only_an_optional_item_is_announced_even_if_no_look_succeeded_in_time()
    {
        var world = new EngineWorld("""
            - name: r
              wait: [{link: driver, optional: 250ms}]
            """);
        world.Add("a");
        world.OnceLooked = () => world.Now += 6_000_000;
        world.Run(1);
        world.Sees("add a");
        Assert.True(world.Last.Findings.Settled);
        Assert.Equal(["link: driver"], world.Last.Findings.Missing!);
    }

    [Fact]
    public void A_device_that_became_complete_while_no_look_succeeded_is_announced_at_once()
    {
        var world = new EngineWorld(Rule("hold"));
        var device = world.Add("a");
        world.OnceLooked = () =>
        {
            device.Write("ready", "");
            world.Now += 6_000_000;
        };
        world.Run(1);
        world.Sees("add a");
        Assert.Empty(world.Incidents);
    }

    [Fact]
    public void A_remove_that_is_queued_at_the_timeout_annihilates_it_still()
    {
        var world = new EngineWorld(Rule("deliver"));
        world.Add("a");
        world.OnceDecided = null;
        world.Run(1_999_000);
        world.At(world.Now + 1_000, () => world.Remove("a"));
        world.Run(10_000_000);
        world.Sees();
        Assert.Equal(1, world.Engine.Counters.Vanished);
    }

    [Fact]
    public void A_dropped_device_is_silent_until_its_next_add()
    {
        var world = new EngineWorld(Rule("drop"));
        var device = world.Add("a");
        world.Run(3_000_000);
        Assert.Equal(DeviceState.Dropped, world.State("a"));
        device.Write("ready", "");
        world.Change("a");
        world.Send("bind", "a");
        world.Run(100_000_000);
        world.Sees();
        world.Send("add", "a", "net", "SYNTH_UUID=0");
        world.Run(1_000);
        world.Sees("add a synthetic");
        world.Remove("a");
        world.Run();
        world.Sees("remove a");
    }

    [Fact]
    public void A_dropped_device_is_removed_without_an_event()
    {
        var world = new EngineWorld(Rule("drop"));
        world.Add("a");
        world.Run(3_000_000);
        world.Remove("a");
        world.Run();
        world.Sees();
        Assert.False(world.Knows("a"));
    }

    [Fact]
    public void A_device_whose_directory_is_gone_at_its_timeout_is_not_announced()
    {
        var world = new EngineWorld(Rule("deliver"));
        world.Add("a");
        world.Run(1_000_000);
        world.Sysfs.Remove("/devices/a");
        world.Run(10_000_000);
        world.Sees();
        Assert.Equal(1, world.Engine.Counters.Vanished);
    }

    [Fact]
    public void A_device_that_became_complete_while_the_process_was_stopped_is_not_held()
    {
        var world = new EngineWorld(Rule("drop"));
        var device = world.Add("a");
        world.Run(100_000);
        device.Write("ready", "");
        // The machine slept: the clock jumps beyond the deadline before any timer is stepped.
        world.Now += 60_000_000;
        world.Run(1_000);
        world.Sees("add a");
        Assert.True(world.Last.Findings.Settled);
    }

    [Fact]
    public void The_timeout_counts_from_arrival_and_not_from_what_was_folded()
    {
        var world = new EngineWorld(Rule("hold"));
        world.Add("a");
        world.Run(1_500_000);
        world.Send("bind", "a");
        world.Run(500_001);
        Assert.Equal(DeviceState.Held, world.State("a"));
    }

    [Fact]
    public void A_device_released_by_hand_is_announced_unsettled()
    {
        var world = new EngineWorld(Rule("hold"));
        world.Add("a");
        world.Run(10_000_000);
        Assert.True(world.Release("a"));
        world.Run();
        world.Sees("add a unsettled");
        Assert.Equal(["exists: ready"], world.Last.Findings.Missing!);
        Assert.False(world.Release("a"));
    }

    [Fact]
    public void A_release_by_hand_survives_a_move()
    {
        var world = new EngineWorld(Rule("hold"));
        world.Add("a");
        world.Run(10_000_000);
        world.Release("a");
        world.Move("a", "b");
        world.Run();
        world.Sees("add b unsettled");
    }

    [Fact]
    public void An_optional_item_causes_no_timeout()
    {
        var world = new EngineWorld("""
            - name: r
              wait: [{exists: group, optional: 100ms}, {exists: ready}]
              timeout: 1s
              onTimeout: deliver
            """);
        world.Add("a");
        world.Run(2_000_000);
        world.Sees("add a unsettled");
        Assert.Equal(["DeliveredUnsettled a: exists: ready"], world.Incidents);
        Assert.Equal(["exists: group", "exists: ready"], world.Last.Findings.Missing!);
    }

    [Fact]
    public void A_release_by_hand_of_a_device_that_became_complete_leaves_nothing_behind()
    {
        var world = new EngineWorld("""
            - name: r
              wait: [{exists: ready}, {exists: group, optional: 100ms}]
            """);
        var device = world.Add("a");
        world.Run(1_000_000);
        world.Release("a");
        device.Write("ready", "");
        world.ReplaceRules(world.Engine.Rules);
        world.Run(10_000_000);
        world.Sees("add a");
    }

    [Fact]
    public void A_release_by_hand_keeps_the_order_of_parent_and_child()
    {
        var world = new EngineWorld(Rule("hold"));
        var parent = world.Add("p");
        world.Add("p/c");
        world.Run(1_000_000);
        world.Release("p/c");
        world.Run(100_000);
        world.Sees();
        world.Send("bind", "p/c");
        parent.Write("ready", "");
        world.Run(500_000);
        world.Sees("add p", "add p/c unsettled");
    }

    [Fact]
    public void A_held_change_can_be_released_by_hand_too()
    {
        var world = new EngineWorld(Rule("hold") + "\n  on: [change]");
        world.Add("a");
        world.Run();
        world.Change("a");
        world.Run(10_000_000);
        world.Sees("add a");
        Assert.True(world.Release("a"));
        world.Run();
        world.Sees("change a unsettled");
    }

    [Fact]
    public void A_look_that_the_deadline_finds_just_begun_is_waited_for()
    {
        var world = new EngineWorld("""
            - name: r
              wait: [{attribute: state, equals: ok}]
              timeout: 2s
              onTimeout: deliver
            """);
        var device = world.Add("a");
        world.Run(1_000_000);
        device.Write("state", "ok");
        // The process wakes up late: the look that was due before the deadline and the deadline are due in one step.
        world.Now += 1_000_000;
        world.Run(1_000_000);
        world.Sees("add a");
        Assert.True(world.Last.Findings.Settled);
    }
}
