using System.Text;
using UeventManager.Core.Dispatch;

namespace UeventManager.Tests.Engine;

/// <summary>
/// A subscriber's picture is what it was told: nothing goes from under it, and the state that others get is no other. Events around a rename
/// may come in another order than they happened.
/// </summary>
public sealed class OvertakenMoveTests
{
    private const string Waits = """
        - name: waits
          on: [add]
          match: {sysname: "w*"}
          wait: [{exists: ready}]
        """;

    [Fact]
    public void A_waiting_move_is_delivered_before_the_remove_of_the_old_parent()
    {
        var world = new EngineWorld(Waits);
        world.Add("p");
        world.Add("p/c");
        world.Add("p/c/d");
        var parent = world.Add("w");
        world.Run();
        world.Move("p/c", "w/c");
        world.Remove("p");
        world.Run();
        world.Sees("add p", "add p/c", "add p/c/d", "move w/c from p/c", "remove p");
        parent.Write("ready", "");
        world.Run(10_000);
        world.Sees("add w");
        Assert.Equal("/devices/w", Parent(world, "w/c"));
        Assert.Equal("/devices/w/c", Parent(world, "w/c/d"));
    }

    [Fact]
    public void The_state_has_the_old_place_and_parent_until_the_move_is_delivered()
    {
        var world = new EngineWorld(Waits);
        world.Add("p");
        world.Add("p/c");
        world.Add("p/c/d");
        var parent = world.Add("w");
        world.Run();
        world.Move("p/c", "w/c");
        world.Run();
        Assert.Equal(("/devices/p/c", "/devices/p"), (Place(world, "w/c"), Parent(world, "w/c")));
        Assert.Equal(("/devices/p/c/d", "/devices/p/c"), (Place(world, "w/c/d"), Parent(world, "w/c/d")));
        parent.Write("ready", "");
        world.Run(10_000);
        Assert.Equal(("/devices/w/c/d", "/devices/w/c"), (Place(world, "w/c/d"), Parent(world, "w/c/d")));
    }

    [Fact]
    public void A_device_that_becomes_known_between_a_parent_and_its_child_changes_no_parent_before_an_event_says_so()
    {
        var world = EngineWorld.With("p", "p/m/c");
        world.Add("p/m");
        world.Run();
        Assert.Equal("/devices/p", Parent(world, "p/m/c"));
        world.Restart();
        world.Run();
        Assert.Equal("/devices/p", Parent(world, "p/m/c"));
        world.Change("p/m/c");
        world.Run();
        Assert.Equal("/devices/p/m", Parent(world, "p/m/c"));
        Assert.Equal("/devices/p/m", world.Last.Parent);
    }

    [Fact]
    public void A_remove_that_the_move_of_an_ancestor_overtook_leaves_no_ghost()
    {
        var world = EngineWorld.With("a", "a/c");
        world.Remove("a/c");
        world.Move("a", "b");
        world.Swap();
        world.Run();
        world.Sees("add a", "add a/c", "move b from a", "remove b/c");
    }

    [Fact]
    public void A_remove_that_overtook_the_move_of_an_ancestor_leaves_no_ghost()
    {
        var world = EngineWorld.With("a", "a/c");
        world.Move("a", "b");
        world.Remove("b/c");
        world.Swap();
        world.Run();
        world.Sees("add a", "add a/c", "move b from a", "remove b/c synthetic");
    }

    [Fact]
    public void An_add_before_or_after_the_move_of_an_ancestor_is_delivered_once_at_the_right_place()
    {
        var world = EngineWorld.With("a");
        world.Add("a/c");
        world.Move("a", "b");
        world.Swap();
        world.Run();
        world.Sees("add a", "move b from a", "add b/c");
        world.Move("b", "c");
        world.Add("c/d");
        world.Swap();
        world.Run();
        world.Sees("add c/d", "move c from b");
        world.Remove("c");
        world.Run();
        world.Sees("remove c/d synthetic", "remove c/c synthetic", "remove c");
    }

    [Fact]
    public void Two_moves_one_below_the_other_are_delivered_in_either_order()
    {
        var world = EngineWorld.With("a", "a/c");
        world.Move("a", "b");
        world.Move("b/c", "b/d");
        world.Swap();
        world.Run();
        world.Sees("add a", "add a/c", "move b from a", "move b/d from b/c");
        world.Move("b/d", "b/e");
        world.Move("b", "f");
        world.Swap();
        world.Run();
        world.Sees("move f from b", "move f/e from f/d");
    }

    [Fact]
    public void A_new_device_with_the_old_name_of_a_moved_one_is_not_taken_for_it()
    {
        var world = EngineWorld.With("a", "a/c");
        world.Move("a", "b");
        world.Add("a");
        world.Add("a/c");
        world.Remove("a/c");
        world.Run();
        world.Sees("add a", "add a/c", "move b from a", "add a", "add a/c", "remove a/c");
        Assert.True(world.Knows("b/c"));
    }

    private static string Place(EngineWorld world, string name) => Encoding.UTF8.GetString(DeviceView.OfAnnounced(world.Device(name)).Path);

    private static string Parent(EngineWorld world, string name) => Encoding.UTF8.GetString(DeviceView.OfAnnounced(world.Device(name)).ParentPath);
}
