namespace UeventManager.Tests.Engine;

/// <summary>Devices that were replaced while events were lost are new devices for subscribers.</summary>
public sealed class ReplacementTests
{
    private const string Ready = """
        - name: ready
          match: {sysname: "w*"}
          wait: [{exists: ready}]
        """;

    [Fact]
    public void A_child_that_comes_while_its_parent_is_being_replaced_is_not_swept_away()
    {
        var world = EngineWorld.With("p", "p/old");
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
    public void A_child_added_after_the_replacement_is_known_waits_for_it()
    {
        var world = EngineWorld.With("p");
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
    public void A_second_overrun_restarts_the_reconciliation_and_ends_it_once()
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
        var world = EngineWorld.With("a");
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
    public void A_rename_during_the_scan_hides_no_descendant()
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
    public void A_waiting_device_that_was_replaced_without_an_event_is_announced_with_the_new_properties()
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

    [Fact]
    public void A_device_that_was_moved_below_the_new_instance_stays()
    {
        var world = new EngineWorld();
        world.Add("p", "msr");
        world.Add("q");
        world.Add("q/c");
        world.Run();
        world.Sysfs.Remove("/devices/p");
        world.Add("p", "cpuid");
        world.Move("q/c", "p/c");
        world.Run(1_000_000);
        Assert.True(world.Knows("p/c"));
        Assert.Equal("cpuid", world.Device("p").Subsystem);
    }
}
