using UeventManager.Core.Ordering;
using UeventManager.Tests.Simulation.Model;
using static UeventManager.Tests.Engine.GroupRules;

namespace UeventManager.Tests.Engine;

/// <summary>A group when a member or its leader is removed, replaced or late.</summary>
public sealed class GroupEndTests
{
    private const string Silent = """
        - name: silent
          match: {sysname: "m*"}
          wait:
            - exists: ready
          timeout: 70ms
          onTimeout: drop
          group: {members: "vf*"}
        """;

    [Fact]
    public void The_leaders_change_after_its_members_left_is_delivered_even_after_another_action()
    {
        var world = WithoutItsMember(out var function);
        world.Send("unbind", "p");
        world.Run(5_000);
        world.Sees("remove q", "unbind p unsettled");
        function.Write("numvfs", "0");
        world.Run(5_000);
        world.Sees("change p synthetic");
    }

    [Fact]
    public void If_another_action_ends_a_change_that_was_to_report_removed_members_another_change_follows()
    {
        var world = WithoutItsMember(out var function);
        world.Change("p");
        world.Run(100);
        world.Move("p", "p2");
        function.Write("numvfs", "0");
        world.Run(5_000);
        world.Sees("remove q", "move p2 from p", "change p2 synthetic");
    }

    [Fact]
    public void The_time_of_a_leader_that_only_links_to_a_device_does_not_lift_its_own_group()
    {
        var world = new EngineWorld(Function, Virtual);
        var crossing = world.Add("p1").Write("numvfs", "1");
        world.Run(80_000);
        var own = world.Add("p2").Write("numvfs", "9");
        var member = world.Add("q");
        member.Link("physfn", own);
        crossing.Link("vf1", member);
        own.Link("vf1", member);
        world.Run(40_000);
        world.Sees("add p1");

        member.Write("ready", "");
        world.Run(20_000);
        world.Sees();
        own.Write("numvfs", "1");
        world.Run(10_000);
        world.Sees("add q", "add p2");
        Assert.True(world.Last.Group is { Size: 2, IsPartial: false });
    }

    [Fact]
    public void A_leader_that_is_removed_is_not_announced_by_the_end_of_its_own_group()
    {
        var world = new EngineWorld(Function, Virtual);
        var parent = world.Add("q");
        var function = world.Add("q/p").Write("numvfs", "0");
        parent.Link("physfn", function);
        world.Run(1_000);
        function.Link("vf1", parent);
        parent.Write("ready", "");
        world.Run(5_000);
        world.Sees();

        world.Remove("q/p");
        world.Run(5_000);
        world.Sees("add q");
    }

    // Wherever in the looks it happens: the function is told with the first of the two, or with the second.
    [Theory]
    [InlineData(1_000)]
    [InlineData(2_500)]
    [InlineData(3_000)]
    [InlineData(3_500)]
    [InlineData(4_500)]
    [InlineData(5_500)]
    [InlineData(6_500)]
    public void A_member_whose_place_another_instance_takes_holds_its_group(int afterUsec)
    {
        var world = new EngineWorld(Function, Virtual) { ReadUsec = 2_000 };
        var function = world.Add("p").Write("numvfs", "1").Write("name", "eth");
        Tie(world, function, "vf1", "q");
        ModelDevice? again = null;
        world.In(afterUsec, () =>
        {
            world.Remove("q");
            function.Delete("vf1");
            again = world.Add("q").Link("physfn", function);
            function.Link("vf1", again);
        });
        world.Run(40_000);
        again!.Write("ready", "");
        world.Run(20_000);
        Assert.Single(world.Seen, seen => seen.ToString() == "add p");
        Assert.Equal(["add q", "add p"], world.Seen.Take(2).Select(seen => seen.ToString()));
        Assert.Equal([2, 2], world.Seen.Take(2).Select(seen => seen.Group!.Size));
    }

    [Fact]
    public void The_members_of_a_dropped_leader_are_announced_one_by_one()
    {
        var world = new EngineWorld(Silent, Virtual);
        var leader = world.Add("m");
        Tie(world, leader, "vf1", "q1");
        Tie(world, leader, "vf2", "q2");
        world.Run(50_000);
        world.Sees();
        world.Run(50_000);
        world.Sees("add q1", "add q2");
        Assert.Equal(DeviceState.Dropped, world.State("m"));
    }

    [Fact]
    public void The_time_of_a_group_counts_from_a_member_that_still_waits()
    {
        var world = new EngineWorld(Function, Virtual);
        var function = world.Add("p").Write("numvfs", "0");
        world.Run(5_000);
        world.Sees("add p");
        Tie(world, function, "vf1", "q1");
        world.Run(50_000);
        function.Delete("vf1");
        world.Remove("q1");
        world.Run(10_000);
        Tie(world, function, "vf2", "q2");
        world.Run(60_000);
        world.Sees();
        function.Write("numvfs", "1");
        world.Run(20_000);
        world.Sees("add q2");
        Assert.Null(world.Last.Group);
    }

    [Fact]
    public void A_nested_group_continues_while_another_device_holds_its_leader()
    {
        var world = new EngineWorld(Function, Between, Virtual, Plain);
        var above = world.Add("e");
        var function = world.Add("p").Write("numvfs", "1");
        var between = Tie(world, function, "vf1", "e/n");
        Tie(world, between, "sub1", "q");
        world.Run(150_000);
        world.Sees("add p");
        Assert.True(world.Last.Group is { IsPartial: true });
        above.Write("ready", "");
        world.Run(50_000);
        world.Sees("add e", "add q", "add e/n");
        Assert.Equal(world.Seen[^1].Group, world.Seen[^2].Group);
    }

    /// <summary>The function and its only member were announced; then the member went, which the function does not say yet.</summary>
    private static EngineWorld WithoutItsMember(out ModelDevice function)
    {
        var world = new EngineWorld(Function, Virtual);
        function = world.Add("p").Write("numvfs", "1");
        Tie(world, function, "vf1", "q");
        world.Run(5_000);
        world.Sees("add q", "add p");

        function.Delete("vf1");
        world.Remove("q");
        world.Run(100);
        return world;
    }
}
