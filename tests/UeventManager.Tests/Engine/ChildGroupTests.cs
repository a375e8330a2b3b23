namespace UeventManager.Tests.Engine;

/// <summary>Groups whose members are below their leader, such as a camera with its nodes.</summary>
public sealed class ChildGroupTests
{
    private const string Camera = """
        - name: camera
          match: {sysname: "p*"}
          wait:
            - {count: "video*", atLeast: 2}
          timeout: 100ms
          group: {members: "video*"}
        - name: node
          match: {sysname: "video*"}
          on: [add]
          wait:
            - exists: ready
          timeout: 60ms
          group: {leader: parent}
        """;

    [Fact]
    public void Members_that_are_directories_come_together_with_their_leader_and_after_it()
    {
        var world = new EngineWorld(Camera);
        world.Add("p");
        world.Add("p/video0").Write("ready", "");
        world.Run(1_000);
        world.Sees();
        var second = world.Add("p/video1");
        world.Run(5_000);
        world.Sees();
        second.Write("ready", "");
        world.Run(5_000);
        world.Sees("add p", "add p/video0", "add p/video1");
        Assert.Equal([3, 3, 3], world.Seen.Select(seen => seen.Group!.Size));
        Assert.All(world.Seen, seen => Assert.False(seen.Group!.IsPartial));
    }

    [Fact]
    public void A_member_that_is_not_complete_holds_them_to_the_groups_deadline()
    {
        var world = new EngineWorld(Camera);
        world.Add("p");
        world.Add("p/video0").Write("ready", "");
        world.Add("p/video1");
        world.Run(90_000);
        world.Sees();
        world.Run(30_000);
        world.Sees("add p", "add p/video0");
        Assert.All(world.Seen, seen => Assert.True(seen.Group!.IsPartial));
    }

    [Fact]
    public void Later_members_make_a_group_of_their_own()
    {
        var world = new EngineWorld(Camera);
        world.Add("p");
        world.Add("p/video0").Write("ready", "");
        world.Add("p/video1").Write("ready", "");
        world.Run(10_000);
        world.Sees("add p", "add p/video0", "add p/video1");
        world.Add("p/video2").Write("ready", "");
        world.Run(10_000);
        Assert.Equal("add p/video2", world.Seen.First(seen => seen.ToString() is not ("add p" or "add p/video0" or "add p/video1")).ToString());
    }

    [Fact]
    public void A_descendant_of_the_leader_that_is_not_a_member_is_announced_alone()
    {
        var world = new EngineWorld(Camera);
        world.Add("p");
        world.Add("p/other");
        world.Add("p/video0").Write("ready", "");
        world.Add("p/video1").Write("ready", "");
        world.Run(10_000);
        var group = world.Seen.Where(seen => seen.Group is not null).ToList();
        Assert.Equal(3, group.Count);
        Assert.Equal(4, world.Seen.Count);
    }
}
