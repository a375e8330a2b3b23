using UeventManager.Core.Ordering;

namespace UeventManager.Tests.Engine;

/// <summary>While a device waits, its other events are folded into the one add that subscribers will see.</summary>
public sealed class FoldTests
{
    private const string Ready = """
        - name: ready
          on: [add]
          wait: [{exists: ready}]
        """;

    [Fact]
    public void Bind_change_and_online_of_a_waiting_device_are_not_delivered_but_renew_its_properties()
    {
        var world = new EngineWorld(Ready);
        var device = world.Add("a", "net", "STEP=add");
        world.Send("bind", "a", "net", "STEP=bind", "DRIVER=x");
        world.Send("change", "a", "net", "STEP=change", "DRIVER=x");
        world.Run();
        device.Uevent = "DRIVER=y\n";
        device.Write("ready", "");
        world.Run(10_000);
        world.Sees("add a");
        Assert.Equal(("change", "y"), (world.Last.Properties["STEP"], world.Last.Properties["DRIVER"]));
        Assert.Equal(2, world.Engine.Counters.Folded);
    }

    [Fact]
    public void A_rename_of_a_waiting_device_shows_only_its_new_name()
    {
        var world = new EngineWorld(Ready);
        world.Add("a").Write("ready", "");
        world.Sysfs.Find("/devices/a")!.Delete("ready");
        world.Run();
        world.Move("a", "b");
        world.Run();
        world.Sysfs.Find("/devices/b")!.Write("ready", "");
        world.Run(10_000);
        world.Sees("add b");
        Assert.False(world.Knows("a"));
    }

    [Fact]
    public void A_folded_event_may_bring_a_rule_into_force_while_the_device_waits_only_for_its_parent()
    {
        var world = new EngineWorld("""
            - name: parent
              match: {sysname: p}
              wait: [{exists: ready}]
            - name: bound
              match: {property: {DRIVER: x}}
              wait: [{exists: rings}]
            """);
        var parent = world.Add("p");
        var child = world.Add("p/c");
        world.Run();
        world.Send("bind", "p/c", "net", "DRIVER=x");
        world.Run();
        parent.Write("ready", "");
        world.Run(10_000);
        world.Sees("add p");
        child.Write("rings", "");
        world.Run(10_000);
        world.Sees("add p/c");
        Assert.Equal("bound", world.Last.Findings.Rule);
    }

    [Fact]
    public void A_second_add_of_the_same_instance_folds_while_the_first_waits()
    {
        var world = new EngineWorld(Ready);
        var device = world.Add("a", "net", "N=1");
        world.Run(1_000);
        world.Send("add", "a", "net", "N=2", "SYNTH_UUID=0");
        world.Run(1_000);
        world.Sees();
        device.Write("ready", "");
        world.Run(10_000);
        world.Sees("add a");
        Assert.Equal("2", world.Last.Properties["N"]);
    }

    [Fact]
    public void A_second_add_of_another_instance_annihilates_the_first_and_has_its_own_time()
    {
        var world = new EngineWorld("""
            - name: ready
              on: [add]
              wait: [{exists: ready}]
              timeout: 5s
            """);
        world.Add("a", "net", "N=1");
        world.Run(4_000_000);
        world.Sysfs.Remove("/devices/a");
        world.Add("a", "net", "N=2");
        world.Run();
        Assert.Equal(1, world.Engine.Counters.Vanished);
        world.Run(4_000_000);
        Assert.Equal(DeviceState.Waiting, world.State("a"));
        world.Sysfs.Find("/devices/a")!.Write("ready", "");
        world.Run(1_000_000);
        world.Sees("add a");
        Assert.Equal("2", world.Last.Properties["N"]);
        Assert.Equal(world.Seqnum, world.Last.Seqnum);
    }

    [Fact]
    public void A_new_instance_is_recognised_even_if_a_look_in_between_found_nothing()
    {
        var world = new EngineWorld(Ready);
        world.Add("a", "net", "N=1");
        world.Run();
        world.Sysfs.Remove("/devices/a");
        world.Run(4_000_000);
        world.Add("a", "net", "N=2");
        world.Run(4_000_000);
        Assert.Equal(DeviceState.Waiting, world.State("a"));
        Assert.Equal(1, world.Engine.Counters.Vanished);
    }

    [Fact]
    public void Events_right_after_the_second_add_are_not_lost()
    {
        var world = new EngineWorld(Ready) { ReadUsec = 500 };
        world.Add("a", "net", "N=1");
        world.Run(1_000);
        world.Sysfs.Remove("/devices/a");
        var second = world.Add("a", "net", "N=2");
        world.Send("bind", "a", "net", "N=3", "DRIVER=x");
        world.Run(1_000);
        second.Write("ready", "");
        world.Run(10_000);
        world.Sees("add a");
        Assert.Equal("3", world.Last.Properties["N"]);
    }

    [Fact]
    public void A_second_add_while_values_of_the_first_are_read_is_looked_at_itself()
    {
        var world = new EngineWorld("""
            - name: state
              on: [add]
              wait: [{attribute: state, equals: up}]
            """);
        world.Add("a", "net", "N=1").Write("state", "up");
        world.Run();
        Assert.Equal(1, world.Reading);
        world.In(50, () =>
        {
            world.Sysfs.Remove("/devices/a");
            world.Add("a", "net", "N=2").Write("state", "down");
        });
        world.Run(1_000_000);
        world.Sees();
        world.Sysfs.Find("/devices/a")!.Write("state", "up");
        world.Run(1_000_000);
        world.Sees("add a");
        Assert.Equal("2", world.Last.Properties["N"]);
    }

    [Fact]
    public void A_second_add_in_the_drain_whose_remove_comes_too_late_does_not_lose_the_device()
    {
        var world = new EngineWorld(Ready);
        world.Add("a", "net", "N=1").Write("ready", "");
        world.OnceDecided = () =>
        {
            var remove = ++world.Seqnum;
            world.Sysfs.Remove("/devices/a");
            world.Add("a", "net", "N=2").Write("ready", "");
            world.Queue(remove, "remove", "a");
        };
        world.Run();
        world.Sees("add a");
        Assert.Equal("2", world.Last.Properties["N"]);
        Assert.Equal(world.Sysfs.Find("/devices/a")!.Instance, world.Device("a").Instance);
        Assert.Equal(1, world.Engine.Counters.StaleRemoves);
    }

    [Fact]
    public void A_second_add_of_a_held_device_folds_and_it_stays_held()
    {
        var world = new EngineWorld(Ready);
        var device = world.Add("a", "net", "N=1");
        world.Run(6_000_000);
        Assert.Equal(DeviceState.Held, world.State("a"));
        world.Send("add", "a", "net", "N=2", "SYNTH_UUID=0");
        world.Run(1_000_000);
        world.Sees();
        Assert.Equal(DeviceState.Held, world.State("a"));
        device.Write("ready", "");
        world.Run(30_000_000);
        world.Sees("add a");
    }

    [Fact]
    public void The_add_of_a_new_instance_at_the_path_of_a_held_device_waits_anew()
    {
        var world = new EngineWorld(Ready);
        world.Add("a");
        world.Run(6_000_000);
        world.Sysfs.Remove("/devices/a");
        world.Add("a");
        world.Run();
        Assert.Equal(DeviceState.Waiting, world.State("a"));
        world.Run(5_000_000);
        Assert.Equal(DeviceState.Held, world.State("a"));
    }

    [Fact]
    public void A_second_add_of_an_announced_device_is_a_synthetic_change()
    {
        var world = EngineWorld.With("a");
        world.Send("add", "a", "net", "SYNTH_UUID=0");
        world.Run();
        world.Sees("add a", "change a synthetic");
        Assert.Equal(1, world.Engine.Counters.RepeatedAdds);
    }

    [Fact]
    public void An_add_whose_remove_was_lost_is_a_remove_and_an_add()
    {
        var world = new EngineWorld(Ready);
        world.Add("a", "net", "N=1").Write("ready", "");
        world.Run();
        world.Sysfs.Remove("/devices/a");
        var second = world.Add("a", "net", "N=2");
        world.Run(10_000);
        world.Sees("add a", "remove a synthetic");
        second.Write("ready", "");
        world.Run(10_000);
        world.Sees("add a");
        Assert.Equal("2", world.Last.Properties["N"]);
    }

    [Fact]
    public void A_trigger_that_the_next_instance_overtook_announces_that_instance_once()
    {
        var world = new EngineWorld();
        world.Add("a", "net", "N=1");
        world.Run();
        world.Send("add", "a", "net", "N=1", "SYNTH_UUID=0");
        world.Remove("a");
        world.Add("a", "net", "N=2");
        world.Run();
        Assert.Equal("2", world.Last.Properties["N"]);
        Assert.Equal(2, world.Seen.Count(e => e.Action == "add"));
        Assert.Equal(1, world.Seen.Count(e => e.Action == "remove"));
    }

    [Fact]
    public void A_remove_between_two_adds_that_arrives_last_leaves_the_second_with_its_own_timeout()
    {
        var world = new EngineWorld(Ready);
        world.Send("add", "a", "net", "N=1");
        var remove = ++world.Seqnum;
        world.Add("a", "net", "N=2");
        world.Queue(remove, "remove", "a");
        world.Run();
        world.Sysfs.Find("/devices/a")!.Write("ready", "");
        world.Run(10_000);
        world.Sees("add a");
        Assert.Equal(world.Seqnum, world.Last.Seqnum);
        Assert.Equal(1, world.Engine.Counters.Vanished);
    }

    [Fact]
    public void A_trigger_of_a_device_that_was_renamed_while_it_waits_is_no_other_instance()
    {
        var world = new EngineWorld(Ready);
        world.Add("a");
        world.Add("a/c");
        world.Move("a", "b");
        world.Send("add", "b", "net", "SYNTH_UUID=0");
        world.Run();
        world.Sysfs.Find("/devices/b")!.Write("ready", "");
        world.Sysfs.Find("/devices/b/c")!.Write("ready", "");
        world.Run(10_000);
        world.Sees("add b", "add b/c");
    }
}
