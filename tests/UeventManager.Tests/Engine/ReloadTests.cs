using UeventManager.Core.Ordering;

namespace UeventManager.Tests.Engine;

/// <summary>New rules apply to waiting devices and leave decided ones alone.</summary>
public sealed class ReloadTests
{
    private static string Rule(string path, string timeout = "5s", string policy = "hold") => $"""
        - name: {path}
          wait: [{"{"}exists: {path}{"}"}]
          timeout: {timeout}
          onTimeout: {policy}
        """;

    [Fact]
    public void A_device_dropped_after_a_reload_is_reported_with_the_new_rule()
    {
        var world = new EngineWorld(Rule("ready"));
        world.Add("a");
        world.Run(1_000_000);
        world.ReplaceRules(TestRules.Of(Rule("other", "3s", "drop")));
        world.Run(3_000_000);
        Assert.Equal(DeviceState.Dropped, world.State("a"));
        Assert.Equal(["Dropped a: exists: other"], world.Incidents);
        Assert.Equal(["other"], world.IncidentRules);
    }

    [Fact]
    public void A_waiting_device_is_looked_at_under_the_new_rules()
    {
        var world = new EngineWorld(Rule("never"));
        world.Add("a").Write("ready", "");
        world.Run(1_000_000);
        world.ReplaceRules(TestRules.Of(Rule("ready")));
        world.Run(1_000);
        world.Sees("add a");
        Assert.Equal("ready", world.Last.Findings.Rule);
    }

    [Fact]
    public void The_timeout_still_counts_from_the_arrival_after_at_least_one_look()
    {
        var world = new EngineWorld(Rule("never", "1min"));
        world.Add("a").Write("ready", "");
        world.Add("b");
        world.Run(10_000_000);
        world.ReplaceRules(TestRules.Of(Rule("ready", "2s", "drop")));
        world.Run(world.ReadUsec);
        world.Sees("add a");
        Assert.Equal(DeviceState.Dropped, world.State("b"));
    }

    [Fact]
    public void The_last_look_is_made_even_if_it_must_read()
    {
        var world = new EngineWorld(Rule("never", "1min"));
        world.Add("a").Write("state", "up");
        world.Run(10_000_000);
        world.ReplaceRules(TestRules.Of("""
            - name: state
              wait: [{attribute: state, equals: up}]
              timeout: 2s
              onTimeout: drop
            """));
        world.Run(10_000);
        world.Sees("add a");
    }

    [Fact]
    public void Without_a_new_rule_a_waiting_device_is_delivered()
    {
        var world = new EngineWorld(Rule("never"));
        world.Add("a");
        world.Run(1_000_000);
        world.ReplaceRules(Core.Rules.RuleSet.Empty);
        world.Run(world.ReadUsec);
        world.Sees("add a");
    }

    [Fact]
    public void A_device_that_waits_only_for_its_parent_is_looked_at_under_the_new_rules()
    {
        var world = new EngineWorld("""
            - name: p
              match: {sysname: p}
              wait: [{exists: ready}]
            """);
        var parent = world.Add("p");
        var child = world.Add("p/c");
        world.Run(1_000_000);
        world.ReplaceRules(TestRules.Of(Rule("ready")));
        parent.Write("ready", "");
        world.Run(1_000_000);
        world.Sees("add p");
        child.Write("ready", "");
        world.Run(1_000_000);
        world.Sees("add p/c");
    }

    [Fact]
    public void A_held_device_stays_held_and_is_looked_at_now()
    {
        var world = new EngineWorld(Rule("never", "1s"));
        world.Add("a").Write("ready", "");
        world.Add("b");
        world.Run(10_000_000);
        world.ReplaceRules(TestRules.Of(Rule("ready", "1min")));
        world.Run(1_000);
        world.Sees("add a");
        Assert.Equal(DeviceState.Held, world.State("b"));
    }

    [Fact]
    public void Dropped_and_announced_devices_are_unchanged()
    {
        var world = new EngineWorld(Rule("never", "1s", "drop") + "\n  match: {sysname: d}");
        world.Add("d");
        world.Add("a");
        world.Run(2_000_000);
        world.Sees("add a");
        world.ReplaceRules(TestRules.Of(Rule("never")));
        world.Run(100_000_000);
        world.Sees();
        Assert.Equal((DeviceState.Dropped, DeviceState.Announced), (world.State("d"), world.State("a")));
    }

    [Fact]
    public void A_follow_up_stays_with_the_rule_that_delivered()
    {
        var world = new EngineWorld("""
            - name: opt
              wait: [{exists: group, optional: 1s}]
            """);
        var device = world.Add("a");
        world.Run(2_000_000);
        world.Sees("add a");
        world.ReplaceRules(TestRules.Of(Rule("never")));
        device.Write("group", "");
        world.Run(2_000_000);
        world.Sees("change a synthetic");
    }

    [Fact]
    public void A_change_that_waits_is_looked_at_under_the_new_rules()
    {
        var world = new EngineWorld(Rule("never") + "\n  on: [change]");
        world.Add("a").Write("ready", "");
        world.Run();
        world.Change("a");
        world.Run(1_000_000);
        world.ReplaceRules(TestRules.Of(Rule("ready")));
        world.Run(1_000);
        world.Sees("add a", "change a");
    }

    [Fact]
    public void A_release_by_hand_outlives_a_reload()
    {
        var world = new EngineWorld(Rule("never", "1s"));
        world.Add("a");
        world.Run(2_000_000);
        world.Release("a");
        world.ReplaceRules(TestRules.Of(Rule("never", "1min")));
        world.Run(1_000);
        world.Sees("add a unsettled");
    }
}
