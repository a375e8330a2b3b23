using UeventManager.Core.Ordering;

namespace UeventManager.Tests.Engine;

/// <summary>Events still queued in the socket may show that the device is gone.</summary>
public sealed class DrainTests
{
    private const string Ready = """
        - name: ready
          wait: [{exists: ready}]
        """;

    [Fact]
    public void A_device_that_was_removed_during_the_look_at_its_add_is_never_announced()
    {
        var world = new EngineWorld(Ready);
        world.Add("a").Write("ready", "");
        world.OnceDecided = () => world.Remove("a");
        world.Run();
        world.Sees();
        Assert.False(world.Knows("a"));
        Assert.Equal(1, world.Engine.Counters.Vanished);
    }

    [Fact]
    public void An_older_add_is_never_settled_by_the_next_instances_files()
    {
        var world = new EngineWorld(Ready);
        world.Add("a", "net", "N=1");
        world.Remove("a");
        world.Add("a", "net", "N=2").Write("ready", "");
        world.Run();
        world.Sees("add a");
        Assert.Equal("2", world.Last.Properties["N"]);
        Assert.Equal(world.Seqnum, world.Last.Seqnum);
    }

    [Fact]
    public void A_storm_whose_socket_is_never_seen_empty_is_drained_by_count()
    {
        var world = new EngineWorld(Ready) { Batch = 1 };
        for (var i = 0; i < 20; i++)
        {
            if (i > 0)
                world.Remove("a");
            world.Add("a", "net", $"N={i}").Write("ready", "");
        }
        world.Run();
        world.Sees("add a");
        Assert.Equal("19", world.Last.Properties["N"]);
    }

    [Fact]
    public void Other_events_in_the_drain_are_folded_without_another_look()
    {
        var world = new EngineWorld(Ready);
        world.Add("a", "net", "N=1").Write("ready", "");
        world.OnceDecided = () => world.Send("bind", "a", "net", "N=2", "DRIVER=x");
        world.Run();
        world.Sees("add a");
        Assert.Equal("2", world.Last.Properties["N"]);
        Assert.Single(world.Looks);
    }

    [Fact]
    public void A_file_read_at_the_deciding_look_wins_over_what_is_folded_after_it()
    {
        var world = new EngineWorld(Ready);
        var device = world.Add("a", "net", "N=1");
        world.Run(2_000);
        device.Uevent = "N=2\n";
        device.Write("ready", "");
        world.OnceDecided = () => world.Send("bind", "a", "net", "N=3", "DRIVER=x");
        world.Run(2_000);
        world.Sees("add a");
        Assert.Equal(("2", "x"), (world.Last.Properties["N"], world.Last.Properties["DRIVER"]));
    }

    [Fact]
    public void A_move_in_the_drain_voids_the_decision()
    {
        var world = new EngineWorld("""
            - name: a
              match: {sysname: a}
              wait: [{exists: ready}]
            - name: b
              match: {sysname: b}
              wait: [{exists: other}]
            """);
        var device = world.Add("a").Write("ready", "");
        world.OnceDecided = () => world.Move("a", "b");
        world.Run(10_000);
        world.Sees();
        device.Write("other", "");
        world.Run(10_000);
        world.Sees("add b");
        Assert.Equal("b", world.Last.Findings.Rule);
        Assert.Equal(1, world.Engine.Counters.Voided);
    }

    [Fact]
    public void A_move_of_an_ancestor_in_the_drain_voids_the_decision()
    {
        var world = new EngineWorld("""
            - name: c
              match: {devpath: "/devices/p/c"}
              wait: [{exists: ready}]
            - name: elsewhere
              match: {sysname: c}
              wait: [{exists: other}]
            """);
        world.Add("p");
        var device = world.Add("p/c").Write("ready", "");
        world.OnceDecided = () => world.Move("p", "q");
        world.Run(10_000);
        world.Sees("add p", "move q from p");
        device.Write("other", "");
        world.Run(10_000);
        world.Sees("add q/c");
    }

    [Fact]
    public void A_move_while_values_are_read_voids_what_they_will_say()
    {
        var world = new EngineWorld("""
            - name: a
              match: {sysname: a}
              wait: [{attribute: state, equals: up}]
            - name: b
              wait: [{exists: other}]
            """);
        world.Add("a").Write("state", "up");
        world.Run();
        Assert.Equal(1, world.Reading);
        world.Move("a", "b");
        world.Run(10_000);
        world.Sees();
        Assert.Equal(DeviceState.Waiting, world.State("b"));
    }

    [Fact]
    public void An_overrun_in_the_drain_voids_the_decision()
    {
        var world = new EngineWorld(Ready);
        var device = world.Add("a").Write("ready", "");
        world.OnceDecided = () =>
        {
            device.Delete("ready");
            world.Overrun();
        };
        world.Run();
        world.Sees();
        Assert.Equal(DeviceState.Waiting, world.State("a"));
        Assert.Equal(1, world.Engine.Counters.Voided);
    }

    [Fact]
    public void An_overrun_while_values_are_read_voids_what_they_will_say()
    {
        var world = new EngineWorld("""
            - name: a
              wait: [{attribute: state, equals: up}]
            """);
        world.Add("a", "net", "N=1").Write("state", "up");
        world.Run();
        Assert.Equal(1, world.Reading);
        // Both datagrams are lost: nobody will ever say that the handle being read leads to a device that is gone.
        world.Sysfs.Remove("/devices/a");
        var second = world.Create("a").Write("state", "down");
        world.Overrun(2);
        world.Run(1_000_000);
        world.Sees();
        second.Write("state", "up");
        world.Run(1_000_000);
        world.Sees("add a");
        Assert.Equal(second.Instance, world.Device("a").Instance);
    }

    [Fact]
    public void A_condition_that_held_only_during_the_read_is_not_announced_with_the_next_instances_values()
    {
        var world = new EngineWorld("""
            - name: a
              wait: [{attribute: state, equals: up}]
            """);
        world.Add("a", "net", "N=1").Write("state", "up");
        world.Run();
        world.Remove("a");
        world.Add("a", "net", "N=2").Write("state", "down");
        world.Run(1_000_000);
        world.Sees();
        world.Sysfs.Find("/devices/a")!.Write("state", "up");
        world.Run(1_000_000);
        world.Sees("add a");
        Assert.Equal("2", world.Last.Properties["N"]);
    }

    [Fact]
    public void A_change_needs_no_drain()
    {
        var world = new EngineWorld(Ready);
        world.Add("a").Write("ready", "");
        world.Run();
        world.Change("a");
        world.Run();
        world.Sees("add a", "change a");
        Assert.False(world.Engine.NeedsDrain);
    }

    [Fact]
    public void A_second_half_that_finds_another_directory_begins_the_look_again()
    {
        var world = new EngineWorld("""
            - name: a
              match: {exists: ready}
              wait: [{exists: state}]
            """);
        var first = world.Add("a", "net", "N=1").Write("ready", "");
        world.OnceLooked = () =>
        {
            world.Sysfs.Remove("/devices/a");
            world.Create("a").Write("state", "new");
        };
        world.Run(1_000);
        Assert.False(first.Exists);
        Assert.Null(world.OnceLooked);
        world.Sees("add a");
        Assert.Null(world.Last.Findings.Rule);
    }
}
