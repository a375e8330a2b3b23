using UeventManager.Core.Ordering;

namespace UeventManager.Tests.Engine;

/// <summary>Children come after their parent, wherever the parent still waits, and no device waits for ever.</summary>
public sealed class AncestorTests
{
    private static string Rule(string name, string policy = "hold", string timeout = "2s") => $"""
        - name: {name}
          on: [add]
          match: {"{"}sysname: {name}{"}"}
          wait: [{"{"}exists: ready{"}"}]
          timeout: {timeout}
          onTimeout: {policy}
        """;

    [Fact]
    public void A_parents_waiting_add_holds_its_children_and_grandchildren()
    {
        var world = new EngineWorld(Rule("p"));
        var parent = world.Add("p");
        world.Add("p/c");
        world.Add("p/c/g");
        world.Add("p/x/deep");
        world.Add("pother");
        world.Run(1_000_000);
        world.Sees("add pother");
        parent.Write("ready", "");
        world.Run(1_000_000);
        world.Sees("add p", "add p/c", "add p/c/g", "add p/x/deep");
        Assert.Equal("/devices/p/c", world.Seen.Single(e => e.Path == "/devices/p/c/g").Parent);
        Assert.Equal("/devices/p", world.Seen.Single(e => e.Path == "/devices/p/x/deep").Parent);
    }

    [Fact]
    public void Only_a_waiting_add_holds_a_waiting_change_does_not()
    {
        var world = new EngineWorld("""
            - name: p
              match: {sysname: p}
              on: [change]
              wait: [{exists: never}]
            """);
        world.Add("p");
        world.Run();
        world.Change("p");
        world.Run();
        world.Add("p/c");
        world.Run();
        world.Sees("add p", "add p/c");
    }

    [Fact]
    public void A_parent_may_wait_for_a_path_in_its_childs_directory()
    {
        var world = new EngineWorld("""
            - name: p
              match: {sysname: p}
              wait: [{exists: net/eth0/address}]
            - name: c
              match: {sysname: eth0}
              wait: [{exists: address}]
            """);
        world.Add("p");
        var child = world.Add("p/net/eth0");
        world.Run(1_000_000);
        world.Sees();
        child.Write("address", "");
        world.Sysfs.Find("/devices/p")!.Write("net/eth0/address", "");
        world.Run(500_000);
        world.Sees("add p", "add p/net/eth0");
    }

    [Theory]
    [InlineData("hold")]
    [InlineData("drop")]
    public void At_its_timeout_an_ancestor_stops_holding_descendants(string policy)
    {
        var world = new EngineWorld(Rule("p", policy));
        world.Add("p");
        world.Add("p/c");
        var start = world.Now;
        world.Run(10_000_000);
        world.Sees("add p/c");
        Assert.Equal(2_000_000, world.Last.AtUsec - start);
    }

    [Fact]
    public void A_parent_that_is_delivered_at_its_timeout_still_comes_before_them()
    {
        var world = new EngineWorld(Rule("p", "deliver"));
        world.Add("p");
        world.Add("p/c");
        world.Run(10_000_000);
        world.Sees("add p unsettled", "add p/c");
    }

    [Theory]
    [InlineData("hold")]
    [InlineData("drop")]
    public void Through_a_held_or_dropped_ancestor_the_next_waiting_one_counts(string policy)
    {
        var world = new EngineWorld(Rule("p", "hold", "5s"), Rule("c", policy, "1s"));
        var parent = world.Add("p");
        world.Add("p/c");
        world.Add("p/c/g");
        world.Run(3_000_000);
        world.Sees();
        Assert.NotEqual(DeviceState.Waiting, world.State("p/c"));
        parent.Write("ready", "");
        world.Run(1_000_000);
        world.Sees("add p", "add p/c/g");
    }

    [Fact]
    public void An_announced_ancestor_ends_the_search()
    {
        var world = new EngineWorld(Rule("p"));
        world.Add("p/c");
        world.Run();
        world.Add("p");
        world.Run();
        world.Add("p/c/g");
        world.Run();
        world.Sees("add p/c", "add p/c/g");
    }

    [Fact]
    public void A_parent_that_is_announced_late_comes_after_its_children()
    {
        var world = new EngineWorld(Rule("p"));
        var parent = world.Add("p");
        world.Add("p/c");
        world.Run(10_000_000);
        parent.Write("ready", "");
        world.Run(31_000_000);
        world.Sees("add p/c", "add p");
    }

    [Fact]
    public void A_child_that_waits_itself_comes_when_both_are_ready()
    {
        var world = new EngineWorld(Rule("p"), Rule("c"));
        var parent = world.Add("p");
        var child = world.Add("p/c");
        world.Run(100_000);
        child.Write("ready", "");
        world.Run(500_000);
        world.Sees();
        Assert.Empty(Core.Engine.UeventEngine.MissingOf(world.Device("p/c")));
        parent.Write("ready", "");
        world.Run(500_000);
        world.Sees("add p", "add p/c");
    }

    [Fact]
    public void A_complete_child_is_not_given_up_because_its_parent_takes_long()
    {
        var world = new EngineWorld(Rule("p", "hold", "5s"), Rule("c", "drop", "1s"));
        var parent = world.Add("p");
        world.Add("p/c").Write("ready", "");
        world.Run(4_000_000);
        parent.Write("ready", "");
        world.Run(1_000_000);
        world.Sees("add p", "add p/c");
    }

    [Fact]
    public void A_parent_that_becomes_known_between_two_devices_is_waited_for_too()
    {
        var world = new EngineWorld(Rule("p"), Rule("m"));
        var top = world.Add("p");
        world.Add("p/m/c");
        world.Run(100_000);
        var middle = world.Add("p/m");
        world.Run(100_000);
        top.Write("ready", "");
        world.Run(500_000);
        world.Sees("add p");
        middle.Write("ready", "");
        world.Run(500_000);
        world.Sees("add p/m", "add p/m/c");
    }

    [Fact]
    public void A_child_that_moves_away_from_a_waiting_parent_waits_for_it_no_longer()
    {
        var world = new EngineWorld(Rule("p", "hold", "5s"));
        world.Add("p");
        world.Add("q");
        world.Add("p/c");
        world.Run(1_000_000);
        world.Sees("add q");
        world.Move("p/c", "q/c");
        world.Run();
        world.Sees("add q/c");
    }

    [Fact]
    public void Removing_the_waiting_parent_annihilates_what_it_held()
    {
        var world = new EngineWorld(Rule("p"));
        world.Add("p");
        world.Add("p/c");
        world.Run(100_000);
        world.Remove("p/c");
        world.Remove("p");
        world.Run(100_000);
        world.Sees();
        Assert.Equal(2, world.Engine.Counters.Vanished);
    }

    [Fact]
    public void A_name_that_only_begins_like_the_waiting_one_is_no_child()
    {
        var world = new EngineWorld(Rule("veth99"));
        world.Add("veth99");
        world.Add("veth999");
        world.Add("veth999/c");
        world.Run();
        world.Sees("add veth999", "add veth999/c");
    }
}
