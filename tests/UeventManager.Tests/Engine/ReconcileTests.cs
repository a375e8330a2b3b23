using UeventManager.Core.Ordering;

namespace UeventManager.Tests.Engine;

/// <summary>What was there before us, and what happened while we could not hear: neither lost nor told twice.</summary>
public sealed class ReconcileTests
{
    private const string Ready = """
        - name: ready
          match: {sysname: "w*"}
          wait: [{exists: ready}]
        """;

    [Fact]
    public void At_start_every_device_goes_through_its_rule_like_a_hot_plugged_one()
    {
        var world = new EngineWorld(Ready);
        world.Create("p");
        world.Create("p/w").Write("ready", "");
        world.Create("p/w1");
        world.Start();
        world.Run(world.ReadUsec);
        world.Sees("add p synthetic", "add p/w synthetic");
        Assert.Equal(1, world.Reconciled);
        Assert.Equal(DeviceState.Waiting, world.State("p/w1"));
        Assert.Equal("101", world.Seen[0].Properties["INODE"]);
        Assert.Equal("net", world.Seen[0].Properties["SUBSYSTEM"]);
    }

    [Fact]
    public void Ready_comes_after_the_values_of_all_have_been_read()
    {
        var world = new EngineWorld("""
            - name: state
              wait: [{attribute: state, equals: up}]
            """) { ReadUsec = 400_000 };
        world.Create("a").Write("state", "up");
        world.Create("b").Write("state", "down");
        world.Start();
        world.Run(399_999);
        Assert.Equal(0, world.Reconciled);
        world.Run(500_000);
        Assert.Equal(1, world.Reconciled);
        world.Sees("add a synthetic");
    }

    [Fact]
    public void A_read_that_hangs_delays_ready_by_one_second_at_most()
    {
        var world = new EngineWorld("""
            - name: state
              wait: [{attribute: state, equals: up}]
            """);
        var device = world.Create("a").Write("state", "up");
        device.Find("state")!.Blocks = true;
        world.Create("b").Write("state", "up");
        world.Start();
        world.Run(999_999);
        Assert.Equal(0, world.Reconciled);
        world.Run(1);
        Assert.Equal(1, world.Reconciled);
        device.Find("state")!.Blocks = false;
        world.Run(100_000);
        world.Sees("add b synthetic", "add a synthetic");
        Assert.Equal(1, world.Reconciled);
    }

    [Fact]
    public void Events_that_come_while_the_tree_is_read_are_neither_lost_nor_doubled()
    {
        var world = new EngineWorld { ScanUsec = 10_000 };
        world.Create("stays");
        world.Create("goes");
        world.Create("changes");
        world.Create("renamed");
        world.Create("reborn");
        world.Start();
        world.Add("comes");
        world.Add("comes-and-goes");
        world.Remove("comes-and-goes");
        world.Remove("goes");
        world.Change("changes");
        world.Move("renamed", "name");
        world.Remove("reborn");
        world.Add("reborn");
        world.Run(1_000_000);
        Assert.Equal(
            ["changes", "comes", "name", "reborn", "stays"],
            world.Engine.Devices.All().Select(d => d.SysName).Order(StringComparer.Ordinal));
        foreach (var name in world.Engine.Devices.All().Select(d => d.DevPath))
            Assert.Equal(1, world.Seen.Count(e => e.Path == name && e.Action == "add"));
        Assert.All(world.Engine.Devices.All(), d => Assert.Equal(DeviceState.Announced, d.State));
        Assert.Equal(0, world.Engine.Counters.Voided);
    }

    [Fact]
    public void What_the_scan_saw_and_is_gone_again_leaves_nothing_behind()
    {
        var world = new EngineWorld { ScanUsec = 10_000 };
        world.Create("a");
        world.Start();
        world.Sysfs.Remove("/devices/a");
        world.Run(1_000_000);
        world.Sees();
        Assert.Equal(0, world.Engine.Devices.Count);
    }

    [Fact]
    public void Events_queued_behind_the_scan_come_before_what_the_scan_says()
    {
        var world = new EngineWorld { ScanUsec = 10_000 };
        world.Create("a");
        world.Start();
        // In the socket when the scan's result is taken: the scan's add must not come first.
        world.In(10_000, () => world.Remove("a"));
        world.Run(1_000_000);
        world.Sees();
        Assert.Equal(0, world.Engine.Devices.Count);
    }

    [Fact]
    public void After_an_overrun_the_state_is_the_trees()
    {
        var world = new EngineWorld(Ready);
        world.Add("kept");
        world.Add("gone");
        world.Add("gone/child");
        world.Add("reborn");
        world.Add("reborn/child");
        world.Add("w").Write("ready", "");
        world.Run();
        world.Sees("add kept", "add gone", "add gone/child", "add reborn", "add reborn/child", "add w");
        world.Sysfs.Remove("/devices/gone");
        world.Sysfs.Remove("/devices/reborn");
        world.Create("reborn");
        world.Create("reborn/child");
        world.Create("new");
        world.Create("new/w2").Write("ready", "");
        world.Overrun(8);
        world.Run();
        world.Run(1_000_000);
        Assert.Equal((1, 1), (world.Gaps, world.Reconciled));
        Assert.Equal(8, world.Engine.Counters.Lost);
        world.Sees(
            "add new synthetic", "add new/w2 synthetic",
            "remove reborn/child synthetic", "remove reborn synthetic", "remove gone/child synthetic", "remove gone synthetic",
            "add reborn synthetic", "add reborn/child synthetic");
        foreach (var device in world.Sysfs.All)
            Assert.Equal(device.Instance, world.Device(device.Path).Instance);
    }

    [Fact]
    public void A_lost_bind_or_unbind_is_found_by_the_uevent_file()
    {
        var world = new EngineWorld();
        var bound = world.Add("bound");
        var unbound = world.Add("unbound", "net", "DRIVER=x");
        world.Add("same");
        world.Run();
        bound.Uevent += "DRIVER=y\n";
        world.Sees("add bound", "add unbound", "add same");
        world.Overrun();
        world.Run(1_000_000);
        Assert.Equal("y", world.Seen.Single(e => e.ToString() == "change bound synthetic").Properties["DRIVER"]);
        Assert.DoesNotContain("DRIVER", world.Seen.Single(e => e.ToString() == "change unbound synthetic").Properties.Keys);
        Assert.Equal(5, world.Seen.Count);
        Assert.NotNull(unbound);
    }

    [Fact]
    public void Each_difference_is_drained_before_it_takes_effect()
    {
        var world = new EngineWorld { ScanUsec = 10_000 };
        world.Add("a", "net", "N=1");
        world.Run();
        world.Overrun();
        world.Run();
        world.Sysfs.Remove("/devices/a");
        world.Create("a");
        // The kernel's own words for it are queued when the scan's result is stepped.
        world.In(9_999, () =>
        {
            world.Send("remove", "a");
            world.Send("add", "a", "net", "N=2");
        });
        world.Run(1_000_000);
        world.Sees("add a", "remove a", "add a");
        Assert.Equal("2", world.Last.Properties["N"]);
    }

    [Fact]
    public void A_child_that_comes_while_its_parent_is_being_replaced_is_not_swept_away()
    {
        var world = new EngineWorld();
        world.Add("p");
        world.Add("p/old");
        world.Run();
        world.Sees("add p", "add p/old");
        world.Sysfs.Remove("/devices/p");
        world.Create("p");
        world.Overrun();
        world.ScanUsec = 10_000;
        world.Run();
        world.Create("p/new");
        world.In(10_000, () => world.Send("add", "p/new"));
        world.Run(1_000_000);
        world.Sees("add p/new", "remove p/old synthetic", "remove p synthetic", "add p synthetic");
        Assert.True(world.Knows("p/new"));
    }

    [Fact]
    public void One_that_comes_once_the_replacement_is_known_waits_for_it()
    {
        var world = new EngineWorld();
        world.Add("p");
        world.Run();
        world.Sees("add p");
        world.Sysfs.Remove("/devices/p");
        world.Create("p");
        world.Overrun();
        world.OnceDecided = () => world.Add("p/new");
        world.Run(1_000_000);
        world.Sees("remove p synthetic", "add p synthetic", "add p/new");
    }

    [Fact]
    public void A_child_of_a_replaced_parent_whose_instance_was_never_seen_is_announced_again()
    {
        var world = new EngineWorld();
        world.Add("p");
        world.Send("add", "p/c");
        world.Run();
        world.Sysfs.Remove("/devices/p");
        world.Create("p");
        world.Create("p/c");
        world.Overrun();
        world.Run(1_000_000);
        world.Sees("add p", "add p/c", "remove p/c synthetic", "remove p synthetic", "add p synthetic", "add p/c synthetic");
    }

    [Fact]
    public void A_second_overrun_begins_again_and_says_so_once_at_the_end()
    {
        var world = new EngineWorld { ScanUsec = 10_000 };
        world.Add("a");
        world.Run();
        world.Overrun();
        world.Run(5_000);
        world.Create("b");
        world.Overrun();
        world.Run(1_000_000);
        Assert.Equal((2, 1), (world.Gaps, world.Reconciled));
        world.Sees("add a", "add b synthetic");
    }

    [Fact]
    public void A_lost_rename_is_a_remove_and_an_add()
    {
        var world = new EngineWorld();
        world.Add("a");
        world.Run();
        world.Sysfs.Move("/devices/a", "/devices/b");
        world.Overrun();
        world.Run(1_000_000);
        Assert.Equal(["b"], world.Engine.Devices.All().Select(d => d.SysName));
        Assert.Equal(1, world.Seen.Count(e => e.ToString() == "remove a synthetic"));
    }

    [Fact]
    public void A_device_that_only_waited_for_its_parent_is_replaced_too()
    {
        var world = new EngineWorld(Ready);
        var parent = world.Add("w");
        world.Add("w/c");
        world.Run();
        world.Sysfs.Remove("/devices/w/c");
        var second = world.Create("w/c");
        world.Overrun(2);
        world.Run(1_000_000);
        parent.Write("ready", "");
        world.Run(1_000_000);
        world.Sees("add w", "add w/c synthetic");
        Assert.Equal(second.Instance, world.Device("w/c").Instance);
        Assert.Equal($"{second.Inode}", world.Last.Properties["INODE"]);
    }

    [Fact]
    public void A_rename_during_the_scan_hides_nothing_that_is_below()
    {
        var world = new EngineWorld { ScanUsec = 10_000 };
        world.Create("p");
        world.Create("p/c");
        world.Start();
        world.In(5_000, () => world.Move("p", "q"));
        world.Run(1_000_000);
        world.Sees("add q synthetic", "add q/c synthetic");
        Assert.Equal(1, world.Reconciled);
    }

    [Fact]
    public void A_waiting_device_that_was_replaced_unheard_goes_out_with_the_new_ones_properties()
    {
        var world = new EngineWorld("""
            - name: deliver
              wait: [{exists: ready}]
              timeout: 1s
              onTimeout: deliver
            """);
        world.Add("a");
        world.Run(100_000);
        world.Sysfs.Remove("/devices/a");
        var second = world.Create("a");
        world.Run(100_000);
        world.Overrun(2);
        world.Run(2_000_000);
        world.Sees("add a synthetic unsettled");
        Assert.Equal($"{second.Inode}", world.Last.Properties["INODE"]);
    }
}
