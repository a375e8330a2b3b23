namespace UeventManager.Tests.Engine;

/// <summary>The change that was promised when something was missing follows, whatever happens in between.</summary>
public sealed class PromiseTests
{
    [Theory]
    [InlineData("")]
    [InlineData("- {name: rest, wait: [{exists: ready}]}")]
    public void A_change_that_waits_for_nothing_promises_another_one_also_beside_rules_that_wait(string other)
    {
        var world = new EngineWorld($$"""
            - {name: a, match: {exists: v}, on: [add], wait: [{exists: ready}], timeout: 20s, attach: {attributes: [v]} }
            {{other}}
            """);
        var device = world.Add("a").Write("ready", "").Write("v", "1");
        world.Run(1_000_000);
        world.Sees("add a");
        device.Delete("ready");
        world.Change("a");
        world.Run(1_000_000);
        world.Sees("change a unsettled");
        device.Write("ready", "");
        world.Run(3_000_000);
        world.Sees("change a synthetic");
        Assert.Null(world.Last.Findings.Missing);
    }

    [Fact]
    public void A_leaders_promise_outlives_a_later_member()
    {
        var world = new EngineWorld("""
            - name: camera
              match: {sysname: "p"}
              wait: [{exists: ready}, {exists: extra, optional: 100ms}]
              timeout: 20s
              group: {members: "video*"}
            - name: video
              match: {sysname: "video*"}
              wait: [{attribute: name, notEmpty: true}]
              group: {leader: parent}
            """);
        var leader = world.Add("p").Write("ready", "");
        world.Add("p/video0").Write("name", "x");
        world.Run(1_000_000);
        world.Sees("add p", "add p/video0");
        Assert.Equal(["exists: extra"], world.Seen[0].Findings.Missing!);
        world.Add("p/video1").Write("name", "x");
        world.Run(1_000_000);
        world.Sees("add p/video1");
        leader.Write("extra", "");
        world.Run(5_000_000);
        world.Sees("change p synthetic");
    }

    [Fact]
    public void A_promise_outlives_a_change_that_is_dropped()
    {
        var world = new EngineWorld("""
            - name: r
              wait: [{exists: ready}, {exists: late, optional: 100ms}]
              timeout: 3s
              onTimeout: drop
            """);
        var device = world.Add("a").Write("ready", "");
        world.Run(500_000);
        world.Sees("add a");
        world.ReplaceRules(TestRules.Of("""
            - name: r
              wait: [{exists: ready}, {exists: late, optional: 100ms}]
              timeout: 1s
              onTimeout: drop
            """));
        device.Delete("ready");
        world.Change("a");
        world.Run(1_200_000);
        world.Sees();
        device.Write("ready", "").Write("late", "");
        world.Run(1_500_000);
        world.Sees("change a synthetic");
    }

    // The passing event is looked at as udev and the values were before the change, so it cannot tell whether the change is complete.
    [Theory]
    [InlineData("bind")]
    [InlineData("online")]
    [InlineData("move")]
    public void What_another_action_found_keeps_no_promise_about_udev(string action)
    {
        var world = UdevRules.Begin("""
            - name: r
              on: [add, change]
              wait: [{udev: true}]
              timeout: 5s
              attach: {udev: ["ID_*"]}
            """);
        UdevRules.Announce(world, "ID_FS=old");
        var change = world.Send("change", "sda", "block");
        world.Run(100_000);
        world.Sees();
        if (action == "move")
            world.Move("sda", "sdb");
        else
            world.Send(action, "sda", "block");
        world.Run(500_000);
        Assert.DoesNotContain(world.Seen, seen => seen.ToString().StartsWith("change", StringComparison.Ordinal));
        world.Tell(change, "change", action == "move" ? "sdb" : "sda", "ID_FS=new");
        world.Run(500_000);
        var told = Assert.Single(world.Seen, seen => seen.ToString().StartsWith("change", StringComparison.Ordinal));
        Assert.Equal("new", told.Properties["ID_FS"]);
    }

    [Fact]
    public void What_another_action_found_keeps_no_promise_about_stable_values()
    {
        var world = new EngineWorld("- {name: r, on: [add, change], wait: [{stable: {for: 1s, paths: [p]}}], timeout: 8s}");
        var device = world.Add("a").Write("p", "0");
        world.Run(2_000_000);
        world.Sees("add a");
        world.Change("a");
        for (var i = 1; i <= 20; i++)
        {
            device.Write("p", $"{i}");
            world.Run(100_000);
            if (i == 5)
                world.Send("bind", "a");
        }
        world.Sees("bind a unsettled");
        world.Run(2_000_000);
        world.Sees("change a synthetic");
    }

    [Fact]
    public void The_promised_change_repeats_no_variable_of_the_earlier_event()
    {
        var world = new EngineWorld("- {name: r, wait: [{exists: late, optional: 50ms}], timeout: 5s}");
        var device = world.Add("a");
        device.Uevent = "A=1\n";
        world.Run(500_000);
        world.Change("a", "HOTPLUG=1");
        world.Run(500_000);
        Assert.Equal("1", world.Last.Properties["HOTPLUG"]);
        device.Write("late", "");
        world.Run(500_000);
        Assert.Equal("change a synthetic", world.Last.ToString());
        Assert.False(world.Last.Properties.ContainsKey("HOTPLUG"));
        Assert.False(world.Last.Properties.ContainsKey("SEQNUM"));
    }
}
