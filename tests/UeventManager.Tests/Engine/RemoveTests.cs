namespace UeventManager.Tests.Engine;

/// <summary>Each device that subscribers know is removed once, children first.</summary>
public sealed class RemoveTests
{
    private const string Ready = """
        - name: ready
          on: [add]
          match: {sysname: "w*"}
          wait: [{exists: ready}]
        """;

    [Fact]
    public void A_remove_is_delivered_once_for_what_was_announced()
    {
        var world = new EngineWorld();
        world.Add("a");
        world.Remove("a");
        world.Send("remove", "a");
        world.Run();
        world.Sees("add a", "remove a");
        Assert.Equal(1, world.Engine.Counters.UnknownRemoves);
    }

    [Fact]
    public void A_device_that_vanishes_while_waiting_is_neither_announced_nor_removed()
    {
        var world = new EngineWorld(Ready);
        world.Add("w");
        world.Run(1_000_000);
        world.Remove("w");
        world.Run();
        world.Sees();
        Assert.Equal(1, world.Engine.Counters.Vanished);
    }

    [Fact]
    public void Removes_that_were_lost_are_made_up_the_youngest_first()
    {
        var world = new EngineWorld(Ready);
        world.Add("p");
        world.Add("p/a");
        world.Add("p/b");
        world.Add("p/a/x");
        world.Add("p/w");
        world.Run();
        world.Send("remove", "p");
        world.Sysfs.Remove("/devices/p");
        world.Run();
        world.Sees("add p", "add p/a", "add p/b", "add p/a/x",
            "remove p/a/x synthetic", "remove p/b synthetic", "remove p/a synthetic", "remove p");
        Assert.Equal(0, world.Engine.Devices.Count);
    }

    [Fact]
    public void A_parent_that_was_announced_after_its_children_still_goes_after_them()
    {
        var world = new EngineWorld(Ready);
        world.Add("w");
        world.Add("w/c");
        world.Run(10_000_000);
        world.Sysfs.Find("/devices/w")!.Write("ready", "");
        world.Run(31_000_000);
        world.Sees("add w/c", "add w");
        world.Add("w/d");
        world.Send("remove", "w");
        world.Sysfs.Remove("/devices/w");
        world.Run();
        world.Sees("add w/d", "remove w/d synthetic", "remove w/c synthetic", "remove w");
    }

    [Fact]
    public void The_kernels_own_removes_that_come_late_are_dropped()
    {
        var world = EngineWorld.With("p", "p/c");
        var child = ++world.Seqnum;
        world.Send("remove", "p");
        world.Queue(child, "remove", "p/c");
        world.Sysfs.Remove("/devices/p");
        world.Run();
        world.Sees("add p", "add p/c", "remove p/c synthetic", "remove p");
        Assert.Equal(1, world.Engine.Counters.UnknownRemoves);
    }

    [Fact]
    public void A_remove_older_than_the_devices_add_is_dropped()
    {
        var world = new EngineWorld();
        var remove = ++world.Seqnum;
        world.Add("a");
        world.Queue(remove, "remove", "a");
        world.Run();
        world.Sees("add a");
        Assert.Equal(1, world.Engine.Counters.StaleRemoves);
        Assert.True(world.Knows("a"));
    }

    [Fact]
    public void A_remove_that_only_seems_stale_does_not_leave_a_ghost()
    {
        // A change that overtook its device's remove: it announced a device that is gone.
        var world = new EngineWorld();
        var remove = ++world.Seqnum;
        world.Send("change", "a");
        world.Queue(remove, "remove", "a");
        world.Run();
        Assert.False(world.Knows("a"));
        Assert.Equal(world.Seen.Count(e => e.Action == "add"), world.Seen.Count(e => e.Action == "remove"));
    }

    [Theory]
    [InlineData("change")]
    [InlineData("bind")]
    [InlineData("add")]
    public void An_event_that_its_devices_remove_overtook_announces_no_ghost(string action)
    {
        var world = EngineWorld.With("a");
        var late = ++world.Seqnum;
        world.Remove("a");
        world.Queue(late, action, "a");
        world.Run();
        world.Sees("add a", "remove a");
        Assert.False(world.Knows("a"));
        Assert.Equal(1, world.Engine.Counters.StaleEvents);
    }

    [Fact]
    public void A_childs_remove_overtaken_by_its_parents_leaves_no_ghost()
    {
        var world = EngineWorld.With("p", "p/c");
        var late = ++world.Seqnum;
        world.Remove("p");
        world.Queue(late, "change", "p/c");
        world.Run();
        world.Sees("add p", "add p/c", "remove p/c synthetic", "remove p");
    }

    [Fact]
    public void A_late_add_of_a_child_removed_with_its_parent_leaves_no_ghost()
    {
        var world = EngineWorld.With("p");
        var late = ++world.Seqnum;
        world.Remove("p");
        world.Queue(late, "add", "p/c/d");
        world.Run();
        world.Sees("add p", "remove p");
        Assert.Equal(0, world.Engine.Devices.Count);
    }

    [Fact]
    public void An_event_of_the_previous_instance_is_not_delivered_for_the_new_one()
    {
        var world = new EngineWorld(Ready);
        var late = ++world.Seqnum;
        world.Add("w", "net", "N=2");
        world.Queue(late, "change", "w", "net", "N=1");
        world.Run();
        world.Sysfs.Find("/devices/w")!.Write("ready", "");
        world.Run(10_000);
        world.Sees("add w");
        Assert.Equal("2", world.Last.Properties["N"]);
    }

    [Theory]
    [InlineData("w")]
    [InlineData("a")]
    public void A_remove_that_the_next_add_overtook_also_removes_the_children_of_the_first_instance(string name)
    {
        var world = new EngineWorld(Ready);
        // Before anybody looks, the second instance is there.
        world.Send("add", name, "net", "N=1");
        world.Send("add", name + "/c");
        world.Create(name);
        var remove = ++world.Seqnum;
        world.Send("add", name, "net", "N=2");
        world.Queue(remove, "remove", name);
        world.Run();
        world.Sysfs.Find("/devices/" + name)!.Write("ready", "");
        world.Run(10_000);
        Assert.False(world.Knows(name + "/c"));
        Assert.Equal(1, world.Seen.Count(e => e.Action == "add" && e.Seqnum == world.Seqnum));
        Assert.Equal(world.Seen.Count(e => e.Action == "add") - 1, world.Seen.Count(e => e.Action == "remove"));
    }

    [Fact]
    public void The_next_instance_of_a_waiting_device_is_not_looked_at_in_the_old_directory()
    {
        var world = new EngineWorld(Ready);
        world.Add("w", "net");
        world.Run();
        Assert.Contains("w", world.Open);
        world.Sysfs.Remove("/devices/w");
        world.Create("w");
        var remove = ++world.Seqnum;
        world.Send("add", "w", "net");
        world.Queue(remove, "remove", "w", "net");
        world.Run();
        Assert.Equal(1, world.Closed);
        Assert.Contains("w", world.Open);
    }

    [Fact]
    public void Descendants_of_a_device_with_an_overtaken_add_are_removed_too()
    {
        var world = new EngineWorld();
        var add = ++world.Seqnum;
        world.Send("add", "p/c");
        world.Send("remove", "p");
        world.Queue(add, "add", "p");
        world.Run();
        world.Sees("add p/c", "remove p/c synthetic");
        Assert.Equal(0, world.Engine.Devices.Count);
    }

    [Fact]
    public void The_next_instance_is_announced_although_its_path_had_a_remove()
    {
        var world = new EngineWorld();
        for (var i = 0; i < 3; i++)
        {
            world.Add("a");
            world.Remove("a");
        }
        world.Run();
        world.Sees("add a", "remove a", "add a", "remove a", "add a", "remove a");
    }
}
