namespace UeventManager.Tests.Engine;

/// <summary>A complete device is not delayed, and a kobject that is not a device is not held.</summary>
public sealed class ArrivalTests
{
    private const string Ready = """
        - name: ready
          on: [add]
          wait: [{exists: ready}]
        """;

    [Fact]
    public void Without_a_rule_an_event_is_delivered_in_its_own_step()
    {
        var world = EngineWorld.With("a");
        world.Change("a");
        world.Send("bind", "a");
        world.Send("offline", "a");
        world.Run();
        world.Sees("add a", "change a", "bind a", "offline a");
        Assert.All(world.Seen, e => Assert.Equal(world.Now, e.AtUsec));
    }

    [Fact]
    public void A_device_complete_on_arrival_waits_only_for_the_drain()
    {
        var world = new EngineWorld(Ready);
        world.Add("a").Write("ready", "1");
        var start = world.Now;
        world.Run();
        world.Sees("add a");
        Assert.Equal(start, world.Last.AtUsec);
        Assert.True(world.Last.Findings.Settled);
        Assert.Equal("ready", world.Last.Findings.Rule);
    }

    [Fact]
    public void An_action_that_the_rule_does_not_name_passes_at_once()
    {
        var world = new EngineWorld(Ready);
        var device = world.Add("a").Write("ready", "1");
        world.Run();
        device.Delete("ready");
        world.Change("a");
        world.Run();
        world.Sees("add a", "change a");
    }

    [Fact]
    public void Queues_modules_and_drivers_pass_at_once_as_kobjects_and_are_no_state()
    {
        var world = new EngineWorld(Ready);
        world.Send("add", "a/queues/rx-0", "queues");
        world.Send("add", "/module/veth", "module");
        world.Send("bind", "/bus/pci/drivers/igb", "drivers");
        world.Run();
        world.Sees("add a/queues/rx-0 kobject", "add /module/veth kobject", "bind /bus/pci/drivers/igb kobject");
        Assert.Equal(0, world.Engine.Devices.Count);
    }

    [Fact]
    public void A_new_queue_below_a_waiting_device_causes_a_look_at_once()
    {
        var world = new EngineWorld(Ready);
        var device = world.Add("a");
        world.Run(3_000_000);
        device.Write("ready", "1");
        world.Send("add", "a/queues/rx-0", "queues");
        var now = world.Now;
        world.Run(world.ReadUsec);
        world.Sees("add a/queues/rx-0 kobject", "add a");
        Assert.Equal(now + world.ReadUsec, world.Last.AtUsec);
    }

    [Theory]
    [InlineData("change")]
    [InlineData("bind")]
    [InlineData("unbind")]
    [InlineData("online")]
    [InlineData("offline")]
    public void Any_event_of_an_unknown_device_announces_it(string action)
    {
        var world = new EngineWorld();
        world.Create("a");
        world.Send(action, "a");
        world.Run();
        world.Sees("add a synthetic");
    }

    [Fact]
    public void A_move_of_an_unknown_device_announces_it_at_its_new_place()
    {
        var world = new EngineWorld();
        world.Create("a");
        world.Move("a", "b");
        world.Run();
        world.Sees("add b synthetic");
    }

    [Fact]
    public void A_remove_of_an_unknown_device_is_counted_and_not_delivered()
    {
        var world = new EngineWorld();
        world.Send("remove", "a");
        world.Run();
        world.Sees();
        Assert.Equal(1, world.Engine.Counters.UnknownRemoves);
    }

    [Fact]
    public void A_driver_that_binds_late_brings_its_own_rule_into_force()
    {
        var world = new EngineWorld("""
            - name: bound
              match: {driver: igb}
              wait: [{exists: rings}]
            - name: unbound
              wait: [{exists: never}]
              timeout: 10s
            """);
        var device = world.Add("a").Write("rings", "");
        world.Run(1_000_000);
        world.Sees();
        device.Link("driver", "/bus/pci/drivers/igb");
        world.Send("bind", "a");
        world.Run(world.ReadUsec);
        world.Sees("add a");
        Assert.Equal("bound", world.Last.Findings.Rule);
    }

    [Fact]
    public void A_lone_event_is_delivered_with_its_datagrams_properties()
    {
        var world = new EngineWorld(Ready);
        var device = world.Add("a", "net", "IFINDEX=7");
        device.Uevent = "IFINDEX=8\n";
        device.Write("ready", "1");
        world.Run();
        Assert.Equal("7", world.Last.Properties["IFINDEX"]);
    }

    [Fact]
    public void After_a_wait_the_uevent_files_properties_win_over_the_datagrams()
    {
        var world = new EngineWorld(Ready);
        var device = world.Add("a", "net", "IFINDEX=7", "ONCE=1");
        world.Run(2_000);
        device.Uevent = "IFINDEX=8\nDRIVER=igb\n";
        device.Write("ready", "1");
        world.Run(2_000);
        Assert.Equal(("8", "igb", "1"), (world.Last.Properties["IFINDEX"], world.Last.Properties["DRIVER"], world.Last.Properties["ONCE"]));
    }

    [Fact]
    public void A_device_that_waited_only_for_its_parent_has_the_uevent_files_properties_too()
    {
        var world = new EngineWorld("""
            - name: parent
              match: {sysname: p}
              wait: [{exists: ready}]
            - name: child
              match: {sysname: c}
              wait: [{exists: ready}]
            """);
        var parent = world.Add("p");
        var child = world.Add("p/c", "net", "IFINDEX=7").Write("ready", "");
        child.Uevent = "IFINDEX=8\n";
        world.Run(10_000);
        parent.Write("ready", "");
        world.Run(10_000);
        world.Sees("add p", "add p/c");
        Assert.Equal("8", world.Last.Properties["IFINDEX"]);
    }

    [Theory]
    [InlineData("block", 0)]
    [InlineData("net", 1)]
    public void A_change_costs_no_memory_whether_a_rule_looks_at_it_or_not(string subsystem, int looks)
    {
        var datagram = Uevents.Datagram.Full("change", "/devices/a", $"SUBSYSTEM={subsystem}", "N=1");
        Core.Uevents.UeventParser.TryParse(Uevents.Datagram.Full("add", "/devices/a", $"SUBSYSTEM={subsystem}"), out var add);
        var engine = new Core.Engine.UeventEngine(TestRules.For("net", Ready.Replace("[add]", "[add, change]")));
        engine.Step(add, true, 1);
        Answer();
        engine.Drained(engine.EndedLooks, 1);
        Assert.Equal(Core.Ordering.DeviceState.Announced, engine.Devices.Find("/devices/a"u8)!.State);
        // Until every place of the ring that remembers looks has been used.
        for (var i = 0; i < Core.History.Recollections.MaxLooks; i++)
            Change();
        var (delivered, made) = (engine.Counters.Delivered, engine.Counters.Looks);
        Assert.Equal(0, Allocations.Least(Changes));
        Assert.Equal(1_000, engine.Counters.Delivered - delivered);
        Assert.Equal(1_000 * looks, engine.Counters.Looks - made);

        void Changes()
        {
            for (var i = 0; i < 100; i++)
                Change();
        }

        void Change()
        {
            engine.BeginWakeup();
            Core.Uevents.UeventParser.TryParse(datagram, out var uevent);
            engine.Step(uevent, true, 2);
            Answer();
        }

        void Answer()
        {
            for (var i = 0; i < engine.Commands.Count; i++)
            {
                if (engine.Commands[i].Look is not { } look)
                    continue;
                look.Instance = new Core.Settle.DeviceInstance(1, 1);
                foreach (var query in look.Ask)
                    look.Sheet.Put(query.Slot, Core.Rules.Answer.Present);
                engine.Answered(look, look.Id, 2);
                i = -1;
            }
        }
    }

    [Fact]
    public void An_attribute_that_the_rule_waits_for_is_attached_as_it_was_when_it_held()
    {
        var world = new EngineWorld("""
            - name: size
              wait: [{attribute: size, atLeast: 1}]
              attach: {attributes: [size], links: [driver]}
            """);
        var device = world.Add("a").Write("size", "8").Link("driver", "/bus/pci/drivers/igb");
        world.In(150, () => device.Write("size", "0"));
        world.Run(1_000);
        world.Sees("add a");
        Assert.Equal([new("size", "8")], world.Last.Findings.Attributes!);
        Assert.Equal([new("driver", "/bus/pci/drivers/igb")], world.Last.Findings.Links!);
    }
}
