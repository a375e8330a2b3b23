using static UeventManager.Tests.Engine.GroupRules;

namespace UeventManager.Tests.Engine;

/// <summary>Which devices are delivered together, and in which order, where groups overlap, end or are late.</summary>
public sealed class GroupTests
{
    // A look by ACTION, as the rule for a function that was just found.
    private const string JustFound = """
        - name: just-found
          match: {sysname: "p*", property: {ACTION: add}, absent: vf1}
          on: [add]
          wait:
            - exists: numvfs
          group: {members: "vf*"}
        """;

    [Fact]
    public void Members_of_a_group_within_a_group_come_before_the_one_that_leads_them()
    {
        var world = new EngineWorld(Function, Between, Virtual);
        var function = world.Add("p").Write("numvfs", "0");
        var between = Tie(world, function, "vf1", "n");
        Tie(world, between, "sub1", "q");
        world.Run(5_000);
        world.Sees();

        function.Write("numvfs", "1");
        world.Run(5_000);
        world.Sees("add q", "add n", "add p");
        Assert.Equal([3, 3, 3], world.Seen.Select(seen => seen.Group!.Size));
    }

    [Fact]
    public void A_leader_that_links_to_another_leaders_member_waits_until_that_one_is_announced()
    {
        var world = new EngineWorld(Function, Virtual);
        var its = world.Add("p1").Write("numvfs", "9");
        var crossing = world.Add("p2").Write("numvfs", "1");
        crossing.Link("vf1", Tie(world, its, "vf1", "q"));
        world.Run(5_000);
        world.Sees();

        its.Write("numvfs", "1");
        world.Run(5_000);
        world.Sees("add q", "add p1", "add p2");
        Assert.Null(world.Last.Group);
    }

    [Fact]
    public void The_deadline_ends_also_a_group_whose_leader_only_an_ancestor_holds()
    {
        var world = new EngineWorld(Function, Virtual, Plain);
        world.Add("e");
        var function = world.Add("e/p").Write("numvfs", "0");
        world.Run(1_000);
        Tie(world, function, "vf1", "q");
        world.Run(150_000);
        world.Sees("add q");
        Assert.True(world.Last.Group is { IsPartial: true });
    }

    [Fact]
    public void A_leader_released_at_the_deadline_has_its_attached_values()
    {
        var world = new EngineWorld(Function, Virtual);
        var function = world.Add("p").Write("numvfs", "1").Write("name", "eth");
        world.Sysfs.Find("/devices/p")!.Link("vf1", world.Add("q"));
        world.Run(150_000);
        world.Sees("add p");
        Assert.True(world.Last.Group is { IsPartial: true });
        Assert.Equal(["numvfs", "name"], world.Last.Findings.Attributes!.Select(attribute => attribute.Key));
        Assert.True(function.Exists);
    }

    [Fact]
    public void A_member_that_is_looked_at_again_holds_a_leader_whose_values_are_being_read()
    {
        var world = new EngineWorld(Function, Virtual) { ReadUsec = 2_000 };
        var function = world.Add("p").Write("numvfs", "1");
        var member = Tie(world, function, "vf1", "q");
        world.In(7_000, () => world.Change("q"));
        for (var waited = 0; waited < 60 && world.Seen.Count == 0; waited++)
            world.Run(500);
        world.Sees("add q", "add p");
        Assert.True(member.Exists);
        Assert.Equal(world.Seen[0].Group, world.Seen[1].Group);
    }

    [Fact]
    public void The_leaders_change_after_its_members_left_is_looked_at()
    {
        var world = new EngineWorld(JustFound, Function, Virtual);
        var function = world.Add("p").Write("numvfs", "0");
        world.Run(5_000);
        world.Sees("add p");
        Tie(world, function, "vf1", "q");
        function.Write("numvfs", "1");
        world.Run(5_000);
        world.Sees("add q");

        function.Delete("vf1");
        world.Remove("q");
        world.Run(5_000);
        world.Sees("remove q");
        function.Write("numvfs", "0");
        world.Run(5_000);
        world.Sees("change p synthetic");
        Assert.Equal("0", Assert.Single(world.Last.Findings.Attributes!).Value);
    }

    [Fact]
    public void The_kernels_change_takes_the_place_of_ours_also_where_no_rule_looks_at_it()
    {
        var world = new EngineWorld(Between.Replace("leader: physfn, ", "", StringComparison.Ordinal), Virtual);
        var leader = world.Add("n").Write("ready", "");
        Tie(world, leader, "sub1", "q");
        world.Run(5_000);
        world.Sees("add q", "add n");

        leader.Delete("sub1");
        world.Remove("q");
        world.Change("n");
        world.Run(5_000);
        world.Sees("remove q", "change n");
    }
}
