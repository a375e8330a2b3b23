using UeventManager.Tests.Simulation.Model;

namespace UeventManager.Tests.Engine;

/// <summary>After a rename no subscriber has a name without a device, or two devices with one name.</summary>
public sealed class MoveTests
{
    private static string Rule(string name) => $"""
        - name: {name}
          on: [add]
          match: {"{"}sysname: {name}{"}"}
          wait: [{"{"}exists: ready{"}"}]
        """;

    /// <summary>The devices were announced; /devices/w, which <paramref name="parent"/> is, waits.</summary>
    private static EngineWorld BesideWaiting(out ModelDevice parent, params string[] devices)
    {
        var world = new EngineWorld(Rule("w"));
        foreach (var device in devices)
            world.Add(device);
        parent = world.Add("w");
        world.Run();
        return world;
    }

    [Fact]
    public void A_rename_changes_the_paths_of_all_descendants()
    {
        var world = EngineWorld.With("p/a", "p/a/c/d");
        world.Move("p/a", "p/b");
        world.Change("p/b/c/d");
        world.Remove("p/b");
        world.Run();
        world.Sees("add p/a", "add p/a/c/d", "move p/b from p/a", "change p/b/c/d", "remove p/b/c/d synthetic", "remove p/b");
    }

    [Fact]
    public void A_device_known_at_the_new_name_is_assumed_to_have_left()
    {
        var world = EngineWorld.With("a", "b", "b/c");
        world.Sysfs.Remove("/devices/b");
        world.Move("a", "b");
        world.Run();
        world.Sees("add a", "add b", "add b/c", "remove b/c synthetic", "remove b synthetic", "move b from a");
    }

    [Fact]
    public void A_move_to_the_known_place_is_delivered_as_a_change()
    {
        var world = EngineWorld.With("b");
        world.Send("move", "b", "net", "DEVPATH_OLD=/devices/a");
        world.Run();
        world.Sees("add b", "change b synthetic");
    }

    [Theory]
    [InlineData("p/a", "p")]
    [InlineData("p", "p/a")]
    [InlineData("p", "p/x/y")]
    [InlineData("p", "p")]
    public void A_move_of_a_device_into_its_own_subtree_breaks_nothing(string from, string to)
    {
        var world = EngineWorld.With("p", "p/a");
        world.Send("move", to, "net", $"DEVPATH_OLD=/devices/{from}");
        world.Run();
        world.Send("remove", "p/x/y");
        world.Send("remove", "p/a");
        world.Send("remove", "p");
        world.Run();
        Assert.Equal(0, world.Engine.Devices.Count);
    }

    [Fact]
    public void A_move_below_a_waiting_device_is_delivered_after_its_add()
    {
        var world = BesideWaiting(out var parent, "a", "a/c");
        world.Sees("add a", "add a/c");
        world.Move("a", "w/a");
        world.Change("w/a/c");
        world.Run(1_000_000);
        world.Sees();
        parent.Write("ready", "");
        world.Run(1_000_000);
        world.Sees("add w", "move w/a from a", "change w/a/c");
    }

    [Fact]
    public void A_new_device_with_the_old_name_waits_until_the_move_is_delivered()
    {
        var world = BesideWaiting(out var parent, "a");
        world.Move("a", "w/a");
        world.Add("a");
        world.Add("a/c");
        world.Run(1_000_000);
        world.Sees("add a");
        parent.Write("ready", "");
        world.Run(1_000_000);
        world.Sees("add w", "move w/a from a", "add a", "add a/c");
    }

    [Fact]
    public void A_device_that_is_removed_before_its_move_is_delivered_is_removed_under_its_old_name()
    {
        var world = BesideWaiting(out _, "a", "a/c");
        world.Move("a", "w/a");
        world.Run(1_000_000);
        world.Remove("w/a/c");
        world.Remove("w/a");
        world.Run(1_000);
        world.Sees("add a", "add a/c", "remove a/c", "remove a");
    }

    [Fact]
    public void Two_undelivered_moves_of_a_device_are_merged()
    {
        var world = BesideWaiting(out var parent, "a");
        world.Move("a", "w/b");
        world.Move("w/b", "w/c");
        world.Run(1_000);
        parent.Write("ready", "");
        world.Run(1_000_000);
        world.Sees("add a", "add w", "move w/c from a");
        Assert.Equal(1, world.Engine.Counters.Merged);
    }

    [Fact]
    public void A_rename_that_comes_after_the_remove_leaves_no_ghost()
    {
        var world = EngineWorld.With("a");
        world.Sysfs.Remove("/devices/a");
        var move = ++world.Seqnum;
        world.Send("remove", "b");
        world.Queue(move, "move", "b", "net", "DEVPATH_OLD=/devices/a");
        world.Run();
        world.Sees("add a", "remove a synthetic");
        Assert.Equal(0, world.Engine.Devices.Count);
    }

    [Fact]
    public void A_rename_of_an_unannounced_device_is_delivered_for_its_announced_descendants()
    {
        var world = new EngineWorld(Rule("w") + "\n  onTimeout: drop");
        world.Add("w");
        world.Add("w/c");
        world.Add("w/c/g");
        world.Run(10_000_000);
        world.Sees("add w/c", "add w/c/g");
        world.Move("w", "u");
        world.Change("u/c/g");
        world.Run();
        world.Sees("move u/c from w/c synthetic", "change u/c/g");
    }

    [Fact]
    public void Grandchildren_of_a_device_whose_move_waits_wait_too()
    {
        var world = BesideWaiting(out var parent, "a", "a/c");
        world.Move("a", "w/a");
        world.Add("w/a/c/g");
        world.Run(1_000_000);
        world.Sees("add a", "add a/c");
        parent.Write("ready", "");
        world.Run(1_000_000);
        world.Sees("add w", "move w/a from a", "add w/a/c/g");
    }

    [Fact]
    public void Events_before_a_move_are_delivered_under_the_old_name()
    {
        var world = BesideWaiting(out var parent, "a", "a/c");
        world.Move("a", "w/a");
        world.Send("bind", "w/a/c");
        world.Change("w/a/c");
        world.Move("w/a/c", "w/a/d");
        world.Run(1_000_000);
        parent.Write("ready", "");
        world.Run(1_000_000);
        world.Sees("add a", "add a/c", "add w", "move w/a from a", "bind w/a/c", "move w/a/d from w/a/c");
    }

    [Fact]
    public void Two_devices_that_block_each_other_do_not_wait_for_ever()
    {
        var world = new EngineWorld(Rule("w"));
        world.Add("a");
        world.Add("w").Write("ready", "");
        world.Run(1_000);
        world.Sees("add a", "add w");
        world.Remove("w");
        world.Add("w");
        world.Run();
        world.Move("a", "w/a");
        world.Move("w", "a");
        world.Run(1_000);
        world.Sees("remove w", "move a/a from a", "add a");
        Assert.All(world.Engine.Devices.All(), d => Assert.Equal(Core.Ordering.DeviceState.Announced, d.State));
    }

    [Fact]
    public void No_device_moves_out_of_devices()
    {
        var world = EngineWorld.With("a");
        world.Send("move", "/elsewhere/b", "net", "DEVPATH_OLD=/devices/a");
        world.Run();
        world.Sees("add a", "move /elsewhere/b from a kobject");
        Assert.Equal(["/devices/a"], world.Engine.Devices.All().Select(device => device.DevPath));
        world.Restart();
        Assert.Equal(["/devices/a"], world.Engine.Devices.All().Select(device => device.DevPath));
    }
}
