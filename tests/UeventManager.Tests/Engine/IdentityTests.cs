namespace UeventManager.Tests.Engine;

/// <summary>
/// A look sees who stands at a devpath now, an event says who stood there then: what a look finds of an instance counts only
/// when nothing that is queued says otherwise.
/// </summary>
public sealed class IdentityTests
{
    private const string OnChange = """
        - name: change
          match: {sysname: "w*"}
          on: [change]
          wait: [{exists: ready}]
        """;

    [Fact]
    public void A_child_that_was_renamed_away_survives_its_old_parents_replacement()
    {
        var world = new EngineWorld { Batch = 1 };
        world.Add("p");
        world.Add("p/c");
        world.Run();
        world.Send("add", "p", "net", "SYNTH_UUID=0");
        world.Move("p/c", "q");
        world.Remove("p");
        world.Add("p");
        world.Run();
        world.Sees("add p", "add p/c", "move q from p/c", "remove p", "add p");
    }

    [Fact]
    public void A_device_whose_remove_is_still_queued_is_removed_by_it_and_not_by_the_next_add()
    {
        var world = new EngineWorld { Batch = 1 };
        world.Add("p");
        world.Run();
        world.Send("add", "p", "net", "SYNTH_UUID=0");
        world.Remove("p");
        world.Add("p");
        world.Run();
        world.Sees("add p", "remove p", "add p");
        Assert.Equal(0, world.Engine.Counters.SyntheticRemoves);
    }

    [Fact]
    public void A_decision_about_one_instance_is_never_delivered_with_the_next_ones_properties()
    {
        var world = new EngineWorld("""
            - name: ready
              wait: [{exists: ready}]
            """) { Batch = 1 };
        world.Add("p").Write("ready", "");
        world.OnceDecided = () =>
        {
            world.Sysfs.Remove("/devices/p");
            world.Add("p").Write("ready", "");
        };
        world.Run();
        world.Sees("add p");
        Assert.Equal($"{world.Device("p").Instance.Inode}", world.Last.Properties["INODE"]);
    }

    [Fact]
    public void A_change_is_not_settled_by_the_files_of_the_next_instance_if_no_look_has_seen_the_first()
    {
        var world = new EngineWorld(OnChange) { Batch = 1 };
        world.Add("w");
        world.Change("w");
        world.Remove("w");
        world.Add("w").Write("ready", "");
        world.Run();
        world.Sees("add w", "remove w", "add w");
    }

    [Fact]
    public void A_change_of_a_device_without_a_look_is_delivered_once_its_instance_is_known()
    {
        var world = new EngineWorld(OnChange);
        world.Add("w").Write("ready", "");
        world.Change("w");
        world.Run();
        world.Sees("add w", "change w");
    }

    [Fact]
    public void A_device_replaced_without_an_event_before_its_first_look_is_a_new_instance()
    {
        var world = new EngineWorld(OnChange);
        world.Add("w");
        world.Sysfs.Remove("/devices/w");
        var second = world.Create("w");
        world.Overrun(2);
        world.Run(1_000_000);
        world.Sees("add w", "remove w synthetic", "add w synthetic");
        Assert.Equal($"{second.Inode}", world.Last.Properties["INODE"]);
    }

    [Fact]
    public void A_scans_data_of_one_instance_is_never_delivered_for_the_next()
    {
        var world = new EngineWorld { ScanUsec = 10_000 };
        world.Create("a");
        world.Start();
        world.Run(5_000);
        world.Sysfs.Remove("/devices/a");
        var second = world.Create("a");
        world.Run(1_000_000);
        world.Sees("add a synthetic");
        Assert.Equal($"{second.Inode}", world.Last.Properties["INODE"]);
    }

    [Fact]
    public void Properties_from_before_a_loss_are_read_again()
    {
        var world = new EngineWorld("""
            - name: ready
              on: [add]
              wait: [{exists: ready}]
            """);
        world.Add("a");
        world.Sysfs.Remove("/devices/a");
        var second = world.Create("a").Write("ready", "");
        world.Overrun(2);
        world.Run(1_000_000);
        world.Sees("add a");
        Assert.Equal($"{second.Inode}", world.Last.Properties["INODE"]);
    }

    [Fact]
    public void Descendants_of_a_device_with_a_lost_add_are_renamed_with_it()
    {
        var world = new EngineWorld();
        world.Create("p");
        world.Add("p/c");
        world.Run();
        world.Move("p", "q");
        world.Run();
        world.Sees("add p/c", "move q/c from p/c synthetic", "add q synthetic");
        Assert.Equal(["q", "c"], world.Engine.Devices.All().Select(d => d.SysName));
    }

    [Fact]
    public void A_child_that_waits_below_a_device_whose_add_was_lost_is_announced_at_its_new_place()
    {
        var world = new EngineWorld("""
            - name: ready
              match: {sysname: "w*"}
              wait: [{exists: ready}]
            """);
        world.Create("p");
        var child = world.Add("p/w");
        world.Run(10_000);
        world.Move("p", "q");
        world.Run(10_000);
        child.Write("ready", "");
        world.Run(100_000);
        world.Sees("add q synthetic", "add q/w");
    }
}
