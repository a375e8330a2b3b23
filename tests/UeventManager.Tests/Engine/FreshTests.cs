using UeventManager.Core.Ordering;

namespace UeventManager.Tests.Engine;

/// <summary>The contents of an event were read at one look after the kernel had sent it (G11).</summary>
public sealed class FreshTests
{
    private const string Function = """
        - name: function
          on: [add]
          wait: [{link: driver, optional: 100ms}]
          timeout: 1s
          attach: {links: [driver], attributes: [state]}
        """;

    private static EngineWorld Begin(out Simulation.Model.ModelDevice device)
    {
        var world = new EngineWorld(Function);
        device = world.Add("a").Write("state", "new");
        world.Run(10_000_000);
        world.Sees("add a");
        Assert.Equal(["link: driver"], world.Last.Findings.Missing!);
        Assert.Equal("new", Attribute(world));
        return world;
    }

    private static string? Attribute(EngineWorld world) => world.Last.Findings.Attributes?.Single(one => one.Key == "state").Value;

    private static string? Driver(EngineWorld world) => world.Last.Findings.Links?.Single(one => one.Key == "driver").Value;

    [Fact]
    public void A_bind_names_the_driver_and_the_promised_change_follows_however_late()
    {
        var world = Begin(out var device);
        device.Link("driver", "/bus/pci/drivers/vfio-pci").Write("state", "bound");
        world.Send("bind", "a", "net", "DRIVER=vfio-pci");
        world.Run(10_000);
        world.Sees("bind a", "change a synthetic");
        foreach (var seen in world.Seen.TakeLast(2))
        {
            Assert.Null(seen.Findings.Missing);
            Assert.Equal("/bus/pci/drivers/vfio-pci", seen.Findings.Links!.Single().Value);
            Assert.Equal("bound", seen.Findings.Attributes!.Single().Value);
        }
        world.Run(60_000_000);
        world.Sees();
    }

    [Fact]
    public void A_driver_that_is_unbound_before_the_look_is_not_named()
    {
        var world = Begin(out var device);
        device.Uevent = "PCI_CLASS=1";
        // The kernel has bound it and unbound it by the time that the datagram of the bind is read.
        world.Send("bind", "a", "net", "DRIVER=vfio-pci");
        world.Run(10_000);
        world.Sees("bind a");
        Assert.Equal(["link: driver"], world.Last.Findings.Missing!);
        Assert.Null(world.Device("a").Properties.Text("DRIVER"));
        Assert.Equal("1", world.Device("a").Properties.Text("PCI_CLASS"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void If_a_driver_is_bound_between_the_reads_of_link_and_file_the_link_decides(bool isBound)
    {
        var world = Begin(out var device);
        if (isBound)
            device.Link("driver", "/bus/pci/drivers/nvme");
        device.Uevent = isBound ? "PCI_CLASS=1" : "DRIVER=nvme\nPCI_CLASS=1";
        world.Send("bind", "a", "net", "DRIVER=nvme");
        world.Run(10_000);
        var bind = world.Seen.Last(seen => seen.Action == "bind");
        Assert.Equal(isBound ? "nvme" : null, bind.Properties.GetValueOrDefault("DRIVER"));
        Assert.Equal(isBound, bind.Findings.Missing is null);
        Assert.Equal("1", bind.Properties["PCI_CLASS"]);
    }

    [Fact]
    public void An_unbind_names_no_driver()
    {
        var world = Begin(out var device);
        device.Link("driver", "/bus/pci/drivers/e1000e");
        world.Send("bind", "a", "net", "DRIVER=e1000e");
        world.Run(10_000);
        device.Delete("driver");
        world.Send("unbind", "a");
        world.Run(10_000);
        world.Sees("bind a", "change a synthetic", "unbind a");
        Assert.Null(world.Last.Findings.Links);
        Assert.Equal(["link: driver"], world.Last.Findings.Missing!);
        Assert.True(world.Last.Findings.Settled);
    }

    [Theory]
    [InlineData("change")]
    [InlineData("online")]
    [InlineData("offline")]
    public void Every_later_event_carries_what_is_there_now(string action)
    {
        var world = Begin(out var device);
        device.Write("state", "old");
        world.Send(action, "a");
        device.Write("state", "newer");
        world.Run(10_000);
        world.Sees($"{action} a");
        Assert.Equal("newer", Attribute(world));
    }

    [Fact]
    public void A_value_that_comes_after_the_timeout_is_seen_at_the_next_nearby_event()
    {
        var world = Begin(out var device);
        device.Link("driver", "/bus/pci/drivers/nvme");
        world.Run(60_000_000);
        world.Sees();
        world.Add("a/nvme").Link("driver", "x").Write("state", "");
        world.Run(1_000);
        Assert.Contains(world.Seen, seen => seen.ToString() == "change a synthetic");
        Assert.Contains(world.Seen, seen => seen.ToString() == "add a/nvme");
    }

    [Fact]
    public void An_event_whose_directory_is_gone_is_delivered_and_reports_that()
    {
        var world = Begin(out _);
        world.Sysfs.Remove("/devices/a");
        world.Send("unbind", "a");
        world.Run(100_000);
        world.Sees("unbind a unsettled");
        Assert.Equal(["the device's directory (gone)"], world.Last.Findings.Missing!);
        Assert.Null(world.Last.Findings.Attributes);
        world.Send("remove", "a");
        world.Run(10_000);
        world.Sees("remove a unsettled");
    }

    [Fact]
    public void A_value_that_hangs_is_left_out_and_named()
    {
        var world = Begin(out var device);
        device.Link("driver", "/bus/pci/drivers/x").Find("state")!.Blocks = true;
        world.Send("bind", "a", "net", "DRIVER=x");
        world.Run(900_000);
        world.Sees();
        world.Run(400_000);
        world.Sees("bind a");
        Assert.Null(world.Last.Findings.Attributes);
        Assert.Equal(["attribute: state (no answer)"], world.Last.Findings.Missing!);
        Assert.Equal("/bus/pci/drivers/x", Driver(world));
    }

    [Theory]
    [InlineData("bind", "bind a unsettled")]
    [InlineData("unbind", "unbind a unsettled")]
    [InlineData("online", "online a unsettled")]
    [InlineData("offline", "offline a unsettled")]
    [InlineData("move", "move b from a unsettled")]
    public void An_event_that_ends_a_change_reports_what_is_missing_and_a_change_follows_later(string action, string expected)
    {
        var world = new EngineWorld("""
            - name: ready
              wait: [{exists: ready}]
              timeout: 5s
            """);
        var device = world.Add("a").Write("ready", "");
        world.Run(10_000);
        device.Delete("ready");
        world.Change("a");
        world.Run(1_000);
        if (action == "move")
            world.Move("a", "b");
        else
            world.Send(action, "a");
        world.Run(60_000_000);
        world.Sees("add a", expected);
        Assert.Equal(["exists: ready"], world.Last.Findings.Missing!);
        var now = action == "move" ? "b" : "a";
        device.Write("ready", "");
        world.Add(now + "/c").Write("ready", "");
        world.Run(1_000);
        Assert.Contains(world.Seen, seen => seen.ToString() == $"change {now} synthetic" && seen.Findings is { Settled: true, Missing: null });
    }

    [Theory]
    [InlineData("bind", "bind a unsettled")]
    [InlineData("online", "online a unsettled")]
    [InlineData("move", "move b from a unsettled")]
    public void An_event_that_ends_a_change_during_a_read_is_looked_at(string action, string expected)
    {
        var world = BeginUp("hold", out var device);
        device.Write("state", "down");
        world.Change("a");
        world.Run();
        Assert.Equal(1, world.Reading);
        End(world, action);
        world.Run(1_000_000);
        world.Sees(expected);
        Assert.Equal(["attribute: state equals \"up\" (\"down\")"], world.Last.Findings.Missing!);
        device.Write("state", "up");
        world.Run(1_000_000);
        world.Sees($"change {(action == "move" ? "b" : "a")} synthetic");
    }

    [Theory]
    [InlineData("hold", "bind", "bind a unsettled")]
    [InlineData("drop", "bind", "bind a unsettled")]
    [InlineData("hold", "move", "move b from a unsettled")]
    [InlineData("drop", "move", "move b from a unsettled")]
    public void An_event_after_a_held_or_dropped_change_reports_what_is_still_missing(string policy, string action, string expected)
    {
        var world = BeginUp(policy, out var device);
        device.Write("state", "down");
        world.Change("a");
        world.Run(60_000_000);
        world.Sees();
        End(world, action);
        world.Run(60_000_000);
        world.Sees(expected);
        Assert.Equal(["attribute: state equals \"up\" (\"down\")"], world.Last.Findings.Missing!);
        var now = action == "move" ? "b" : "a";
        device.Write("state", "up");
        world.Send("online", now);
        world.Run(1_000_000);
        world.Sees($"online {now}", $"change {now} synthetic");
    }

    [Fact]
    public void An_event_queued_after_one_that_waits_for_its_look_does_not_repeat_older_findings()
    {
        var world = BeginUp("hold", out var device);
        device.Write("state", "down");
        world.Change("a");
        world.Run();
        world.Send("bind", "a");
        world.Send("unbind", "a");
        world.Run(1_000_000);
        world.Sees("bind a unsettled", "unbind a unsettled");
    }

    private static EngineWorld BeginUp(string policy, out Simulation.Model.ModelDevice device)
    {
        var world = new EngineWorld($$"""
            - name: up
              wait: [{attribute: state, equals: up}]
              timeout: 5s
              onTimeout: {{policy}}
            """);
        device = world.Add("a").Write("state", "up");
        world.Run(1_000_000);
        world.Sees("add a");
        return world;
    }

    private static void End(EngineWorld world, string action)
    {
        if (action == "move")
            world.Move("a", "b");
        else
            world.Send(action, "a");
    }

    [Fact]
    public void A_restart_keeps_promised_changes()
    {
        var world = Begin(out var device);
        world.Restart();
        world.Run(1_000_000);
        device.Link("driver", "/bus/pci/drivers/nvme");
        world.Send("bind", "a", "net", "DRIVER=nvme");
        world.Run(10_000);
        world.Sees("bind a", "change a synthetic");
    }

    [Fact]
    public void Events_in_the_drain_are_looked_at_before_the_add_is_delivered()
    {
        var world = new EngineWorld(Function);
        var device = world.Add("a").Write("state", "new");
        world.OnceDecided = () =>
        {
            device.Link("driver", "/bus/pci/drivers/e1000e").Uevent = "DRIVER=e1000e";
            world.Send("bind", "a", "net", "DRIVER=e1000e");
        };
        world.Run(10_000_000);
        world.Sees("add a");
        Assert.Null(world.Last.Findings.Missing);
        Assert.Equal("e1000e", world.Last.Properties["DRIVER"]);
        Assert.Equal(DeviceState.Announced, world.State("a"));
    }
}
