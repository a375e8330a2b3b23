namespace UeventManager.Tests.Engine;

/// <summary>No event contradicts itself, and none repeats the findings of another event.</summary>
public sealed class ConsistentEventTests
{
    [Theory]
    [InlineData("wait: [{link: driver}]")]
    [InlineData("wait: [{link: driver, optional: 100ms}]")]
    [InlineData("wait: [{exists: uevent}], attach: {links: [driver]}")]
    [InlineData("match: {driver: \"d*\"}, wait: [{exists: uevent}]")]
    [InlineData("wait: [{link: driver, target: d1}]")]
    public void An_add_names_the_driver_that_its_first_look_saw(string rule)
    {
        var world = new EngineWorld($"- {{name: r, {rule}}}");
        // The driver was attached between the kernel's datagram and the look.
        var device = world.Add("a").Link("driver", "/bus/x/drivers/d1");
        device.Uevent = "DRIVER=d1";
        world.Run(1_000);
        world.Sees("add a");
        Assert.Equal("d1", world.Last.Properties.GetValueOrDefault("DRIVER"));
    }

    [Theory]
    [InlineData("deliver")]
    [InlineData("hold")]
    public void An_event_that_lacks_its_driver_at_the_timeout_names_none(string policy)
    {
        var world = new EngineWorld($$"""
            - name: r
              wait: [{exists: never}, {link: driver, optional: 50ms}]
              timeout: 400ms
              onTimeout: {{policy}}
            """);
        var device = world.Add("a").Link("driver", "/bus/x/drivers/d");
        world.Send("bind", "a", "net", "DRIVER=d");
        world.Run(100_000);
        // Its unbind is lost, or still to come.
        device.Delete("driver");
        world.Run(1_000_000);
        if (policy == "hold")
            world.Engine.ReleaseByHand(world.Device("a"), world.Now);
        world.Run(1_000);
        Assert.Equal(["exists: never", "link: driver"], world.Last.Findings.Missing!);
        Assert.DoesNotContain("DRIVER", world.Last.Properties.Keys);
    }

    [Fact]
    public void A_promise_gets_its_last_look_although_the_process_did_not_run()
    {
        var world = new EngineWorld("""
            - name: r
              wait: [{exists: late, optional: 50ms}]
              timeout: 500ms
            """);
        var device = world.Add("a");
        world.Run(200_000);
        world.Sees("add a");
        device.Write("late", "");
        // A suspended process, or a busy machine: the timer comes after the deadline.
        world.Now += 10_000_000;
        world.Run(1_000);
        world.Sees("change a synthetic");
    }

    [Fact]
    public void A_change_whose_uevent_file_hangs_names_the_driver_that_the_look_saw()
    {
        var world = new EngineWorld("""
            - name: r
              wait: [{link: driver, optional: 50ms}]
              timeout: 500ms
            """);
        var device = world.Add("a");
        world.Run(200_000);
        world.Sees("add a");
        device.Link("driver", "/bus/x/drivers/d").UeventBlocks = true;
        world.Run(1_000_000);
        world.Sees("change a synthetic");
        Assert.Equal("d", world.Last.Properties.GetValueOrDefault("DRIVER"));
    }

    [Fact]
    public void A_scan_reports_no_difference_that_a_pending_event_will_report()
    {
        var world = new EngineWorld("""
            - name: r
              wait: [{exists: uevent}]
              attach: {links: [driver], attributes: [w]}
            """);
        var device = world.Add("a").Write("w", "1");
        world.Run(1_000_000);
        world.Sees("add a");
        device.Link("driver", "/bus/x/drivers/d").Uevent = "DRIVER=d";
        world.Restart();
        world.Send("bind", "a", "net", "DRIVER=d");
        world.Run(1_000_000);
        world.Sees("bind a");
    }

    [Theory]
    [InlineData("bind")]
    [InlineData("online")]
    public void An_event_of_a_device_that_is_renamed_meanwhile_is_looked_at_in_its_new_place(string action)
    {
        var world = new EngineWorld("""
            - name: r
              wait: [{exists: uevent}]
              attach: {attributes: [w]}
            """);
        world.Add("a").Write("w", "1");
        world.Run(1_000_000);
        world.Sees("add a");
        world.Send(action, "a");
        // The kernel has renamed it, and its move is not read yet.
        world.Sysfs.Move("/devices/a", "/devices/b");
        world.Run(1_000);
        world.Sees();
        world.Send("move", "b", "net", "DEVPATH_OLD=/devices/a");
        world.Run(100_000);
        world.Sees($"{action} a", "move b from a");
        Assert.Equal("1", Assert.Single(world.Last.Findings.Attributes!).Value);
        Assert.Null(world.Seen[^2].Findings.Missing);
    }

    [Fact]
    public void A_move_whose_value_hangs_waits_no_longer_than_a_move_may()
    {
        var world = new EngineWorld("""
            - name: r
              wait: [{exists: uevent}]
              timeout: 2min
              attach: {attributes: [v, w]}
            """);
        var device = world.Add("a").Write("v", "1").Write("w", "1");
        world.Run(1_000_000);
        world.Sees("add a");
        device.Find("v")!.Blocks = true;
        world.Move("a", "b");
        world.Run(250_000);
        world.Sees("move b from a");
        Assert.Equal(["attribute: v (no answer)"], world.Last.Findings.Missing!);
    }

    [Fact]
    public void A_value_of_the_match_that_hangs_is_named()
    {
        var world = new EngineWorld("""
            - name: r
              match: {attribute: {v: "1"}}
              wait: [{exists: uevent}]
              timeout: 1s
              attach: {attributes: [w]}
            """);
        var device = world.Add("a").Write("v", "1").Write("w", "1");
        world.Run(1_000_000);
        world.Sees("add a");
        device.Find("v")!.Blocks = true;
        world.Send("bind", "a");
        world.Run(2_000_000);
        Assert.Contains("no answer from v", Assert.Single(world.Last.Findings.Missing!), StringComparison.Ordinal);
    }

    [Fact]
    public void Events_queued_after_a_hanging_value_wait_no_longer_than_their_own_timeout()
    {
        var world = new EngineWorld("""
            - name: r
              wait: [{exists: uevent}]
              timeout: 3s
              attach: {attributes: [v]}
            """);
        var device = world.Add("a").Write("v", "1");
        world.Run(1_000_000);
        world.Sees("add a");
        device.Find("v")!.Blocks = true;
        foreach (var action in new[] { "bind", "online", "offline", "unbind" })
            world.Send(action, "a");
        world.Run(4_000_000);
        world.Sees("bind a", "online a", "offline a", "unbind a");
    }

    [Theory]
    [InlineData("{all: [{property: ACTION, in: [add, bind]}, {link: driver}]}")]
    [InlineData("{not: {any: [{not: {property: ACTION, in: [add, bind]}}, {not: {link: driver}}]}}")]
    public void A_condition_on_the_action_hides_nothing_else(string wait)
    {
        var world = new EngineWorld($$"""
            - name: r
              on: [add]
              wait: [{{wait}}]
              attach: {links: [driver]}
            """);
        var device = world.Add("a").Link("driver", "/bus/x/drivers/d");
        world.Run(1_000_000);
        world.Sees("add a");
        world.Send("online", "a");
        world.Run(100_000);
        world.Sees("online a");
        Assert.Null(world.Last.Findings.Missing);
        device.Delete("driver");
        world.Send("unbind", "a");
        world.Run(100_000);
        Assert.Single(world.Last.Findings.Missing!);
    }

    [Fact]
    public void An_event_whose_driver_condition_fails_names_the_other_driver()
    {
        var world = new EngineWorld("""
            - name: r
              wait: [{link: driver, target: vfio-pci}]
              timeout: 100ms
              onTimeout: deliver
            """);
        world.Create("a", "net").Link("driver", "/bus/x/drivers/e1000e").Uevent = "DRIVER=e1000e";
        world.Send("add", "a");
        world.Run(1_000_000);
        world.Sees("add a unsettled");
        Assert.Equal("e1000e", world.Last.Properties["DRIVER"]);
    }

    [Fact]
    public void Every_event_of_one_look_names_the_driver_that_the_look_saw()
    {
        var world = new EngineWorld("""
            - name: r
              on: [add]
              wait: [{link: driver, optional: 10ms}]
              attach: {links: [driver]}
            """);
        var device = world.Add("a").Link("driver", "/bus/x/drivers/d");
        device.Uevent = "DRIVER=d";
        world.Run(1_000_000);
        device.Delete("driver").Uevent = "";
        // The rename comes first, so the events wait for the move, and one look in the new place serves them all.
        world.Sysfs.Move("/devices/a", "/devices/b");
        world.Send("unbind", "a");
        world.Send("bind", "a", "net", "DRIVER=d");
        world.Send("move", "b", "net", "DEVPATH_OLD=/devices/a");
        world.Run(1_000);
        world.Sees("add a", "unbind a", "bind a", "move b from a");
        foreach (var seen in world.Seen)
            Assert.Equal(seen.Findings.Links is null, !seen.Properties.ContainsKey("DRIVER"));
    }

    [Fact]
    public void A_driver_with_a_slash_in_its_name_is_named_as_the_kernel_names_it()
    {
        var world = new EngineWorld("- {name: r, wait: [{link: driver}], attach: {links: [driver]}}");
        world.Add("a").Link("driver", "/bus/x/drivers/foo!bar").Uevent = "DRIVER=foo/bar";
        world.Run(1_000_000);
        world.Sees("add a");
        Assert.Equal("foo/bar", world.Last.Properties["DRIVER"]);
    }
}
