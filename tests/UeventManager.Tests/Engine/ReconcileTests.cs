using UeventManager.Core.Ordering;

namespace UeventManager.Tests.Engine;

/// <summary>Devices from before the start, and events that were lost, are neither missed nor delivered twice.</summary>
public sealed class ReconcileTests
{
    private const string Ready = """
        - name: ready
          match: {sysname: "w*"}
          wait: [{exists: ready}]
        """;

    [Fact]
    public void At_the_start_every_device_waits_for_its_rule_like_a_hot_plugged_one()
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
    public void A_device_seen_by_the_scan_and_removed_leaves_nothing_behind()
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
    public void Events_queued_during_the_scan_are_delivered_before_the_scans_differences()
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
}
