using UeventManager.Core.Ordering;
using UeventManager.Core.Settle;

namespace UeventManager.Tests.Engine;

/// <summary>A driver that holds its lock for seconds delays only its own device.</summary>
public sealed class BlockedReadTests
{
    private static string Rule(string policy = "hold", string more = "") => $"""
        - name: numvfs
          match: {"{"}sysname: "pf*"{"}"}
          wait: [{"{"}exists: ready{"}"}, {"{"}attribute: numvfs, equals: "4"{"}"}]
          timeout: 2s
          onTimeout: {policy}
          {more}
        """;

    private static (EngineWorld World, Simulation.Model.ModelDevice Device) Blocked(string rule)
    {
        var world = new EngineWorld(rule);
        var device = world.Add("pf").Write("ready", "").Write("numvfs", "4");
        device.Find("numvfs")!.Blocks = true;
        world.Run();
        Assert.Equal(1, world.Reading);
        return (world, device);
    }

    [Fact]
    public void A_blocked_read_holds_only_its_device_and_is_abandoned_at_the_deadline()
    {
        var (world, _) = Blocked(Rule());
        world.Add("other");
        world.Run();
        world.Sees("add other");
        world.Run(1_999_999);
        Assert.Equal(1, world.Reading);
        world.Run(1);
        Assert.Equal(0, world.Reading);
        Assert.Equal(DeviceState.Held, world.State("pf"));
        Assert.Equal(["Held pf: attribute: numvfs equals \"4\" (no answer)"], world.Incidents);
    }

    [Fact]
    public void At_the_deadline_the_device_is_delivered_with_the_unanswered_conditions()
    {
        var (world, _) = Blocked(Rule("deliver"));
        world.Run(3_000_000);
        world.Sees("add pf unsettled");
        Assert.Equal(["attribute: numvfs equals \"4\" (no answer)"], world.Last.Findings.Missing!);
    }

    [Fact]
    public void A_change_whose_read_hangs_reports_that_although_the_last_look_was_complete()
    {
        var world = new EngineWorld(Rule("deliver"));
        var device = world.Add("pf").Write("ready", "").Write("numvfs", "4");
        world.Run(1_000);
        device.Write("numvfs", "3");
        world.Change("pf");
        world.Run(1_000_000);
        device.Write("numvfs", "4");
        device.Find("numvfs")!.Blocks = true;
        world.Change("pf");
        world.Run(5_000_000);
        world.Sees("add pf", "change pf unsettled", "change pf unsettled");
        Assert.Equal(["attribute: numvfs equals \"4\" (no answer)"], world.Last.Findings.Missing!);
    }

    [Fact]
    public void A_look_that_is_answered_right_after_the_deadline_names_what_is_missing()
    {
        var world = new EngineWorld("""
            - name: two
              wait: [{attribute: size, atLeast: 10}, {not: {attribute: ro, equals: "1"}}]
              timeout: 2s
            """);
        world.Add("pf").Write("size", "0").Write("ro", "0");
        // A read takes longer than a last look has before the deadline.
        world.ReadUsec = 20_000;
        world.Run(3_000_000);
        Assert.Equal(["Held pf: attribute: size atLeast 10 (\"0\")"], world.Incidents);
    }

    [Fact]
    public void A_removal_is_delivered_although_the_read_still_hangs()
    {
        var world = new EngineWorld(Rule());
        var device = world.Add("pf").Write("ready", "").Write("numvfs", "4");
        world.Run(1_000);
        device.Find("numvfs")!.Blocks = true;
        world.Change("pf");
        world.Run(100_000);
        world.Remove("pf");
        world.Run();
        world.Sees("add pf", "remove pf");
        Assert.Equal(0, world.Reading);
        Assert.Equal(1, world.Abandoned);
    }

    [Fact]
    public void If_only_an_attached_value_blocks_the_event_is_delivered_without_it_at_the_deadline()
    {
        var (world, _) = Blocked("""
            - name: attach
              wait: [{exists: ready}]
              timeout: 2s
              attach: {attributes: [numvfs]}
            """);
        world.Run(1_999_999);
        world.Sees();
        // The uevent file is read by itself then.
        world.Run(2 * LookTimes.SingleReadUsec);
        world.Sees("add pf");
        Assert.True(world.Last.Findings.Settled);
        Assert.Null(world.Last.Findings.Attributes);
        Assert.Equal(["attribute: numvfs (no answer)"], world.Last.Findings.Missing!);
        Assert.Equal(0, world.Reading);
    }

    [Theory]
    [InlineData("add", "add pf")]
    [InlineData("change", "change pf")]
    [InlineData("bind", "bind pf")]
    [InlineData("move", "move pf1 from pf")]
    public void A_blocked_value_leaves_the_others_is_reported_and_follows_in_a_change(string action, string expected)
    {
        var world = new EngineWorld("""
            - name: attach
              on: [add, change]
              wait: [{exists: ready}]
              timeout: 2s
              attach: {attributes: [first, numvfs, last, other]}
            """);
        var device = world.Add("pf").Write("ready", "").Write("first", "1").Write("numvfs", "4").Write("last", "3").Write("other", "5").Link("driver", "/bus/pci/drivers/x");
        if (action != "add")
        {
            world.Run(10_000);
            world.Sees("add pf");
        }
        device.Find("numvfs")!.Blocks = device.Find("other")!.Blocks = true;
        device.Write("last", "9");
        if (action == "move")
            world.Move("pf", "pf1");
        else if (action != "add")
            world.Send(action, "pf");
        world.Run(2_000_000);
        world.Run(4 * LookTimes.SingleReadUsec);
        world.Sees(expected);
        Assert.Equal([new("first", "1"), new("last", "9")], world.Last.Findings.Attributes!);
        Assert.Equal(["attribute: numvfs (no answer)", "attribute: other (no answer)"], world.Last.Findings.Missing!);
        Assert.True(world.Last.Findings.Settled);
        world.Run(60_000_000);
        world.Sees();

        var name = action == "move" ? "pf1" : "pf";
        device.Find("numvfs")!.Blocks = device.Find("other")!.Blocks = false;
        world.ReadReturned(name);
        world.Run(10_000);
        world.Sees($"change {name} synthetic");
        Assert.Equal(["first", "numvfs", "last", "other"], world.Last.Findings.Attributes!.Select(one => one.Key));
        Assert.Null(world.Last.Findings.Missing);
    }

    [Theory]
    [InlineData("bind", "hang")]
    [InlineData("change", "hang")]
    [InlineData("bind", "hang hang2")]
    public void An_event_whose_value_hangs_says_what_one_look_saw(string action, string hanging)
    {
        var world = new EngineWorld("""
            - name: r
              on: [add]
              wait: [{exists: net, optional: 50ms}]
              timeout: 1s
              attach: {links: [driver, iommu], attributes: [v, hang, hang2, w]}
            """);
        var device = world.Add("a").Write("v", "1").Write("hang", "h").Write("hang2", "h").Write("w", "1");
        world.Run(3_000_000);
        world.Sees("add a");
        foreach (var name in hanging.Split(' '))
            device.Find(name)!.Blocks = true;
        device.Link("driver", "/bus/pci/drivers/x");
        world.Send(action, "a", "net", "DRIVER=x");
        world.Run(400_000);
        device.Write("net", "").Write("v", "2").Write("w", "2").Link("iommu", "/kernel/i").Delete("driver");
        world.Run(2_000_000);
        world.Sees($"{action} a");
        var findings = world.Last.Findings;
        Assert.Equal(hanging.Split(' ').Select(name => $"attribute: {name} (no answer)"), findings.Missing!);
        Assert.Equal(["2", "2"], findings.Attributes!.Where(one => one.Key is "v" or "w").Select(one => one.Value));
        Assert.Equal(["iommu"], findings.Links!.Select(one => one.Key));
        Assert.DoesNotContain("DRIVER", world.Last.Properties.Keys);
    }

    [Fact]
    public void A_hanging_read_for_a_match_ends_by_the_policy_of_that_rule()
    {
        var (world, _) = Blocked("""
            - name: vendor
              match: {attribute: {numvfs: "4"}}
              wait: [{exists: never}]
              timeout: 1s
              onTimeout: drop
            """);
        world.Run(1_000_000);
        Assert.Equal(DeviceState.Dropped, world.State("pf"));
    }

    [Fact]
    public void The_looks_at_a_held_device_are_given_up_too()
    {
        var (world, device) = Blocked(Rule());
        world.Run(2_000_000);
        world.Run(30_000_000);
        Assert.Equal(1, world.Reading);
        world.Run(3_000_000);
        Assert.Equal(0, world.Reading);
        device.Find("numvfs")!.Blocks = false;
        world.Run(31_000_000);
        world.Sees("add pf");
    }

    [Fact]
    public void A_read_that_returns_after_it_was_given_up_causes_a_look()
    {
        var (world, device) = Blocked(Rule());
        world.Run(2_000_000);
        Assert.Equal(DeviceState.Held, world.State("pf"));
        device.Find("numvfs")!.Blocks = false;
        world.ReadReturned("pf");
        world.Run(10_000);
        world.Sees("add pf");
        // Of one that waits for nothing it is not news.
        world.ReadReturned("pf");
        world.Run(10_000);
        world.Sees();
    }

    [Fact]
    public void The_looks_for_a_held_change_are_given_up_too()
    {
        var world = new EngineWorld(Rule());
        var device = world.Add("pf").Write("ready", "").Write("numvfs", "4");
        world.Run(1_000);
        device.Find("numvfs")!.Blocks = true;
        world.Change("pf");
        world.Run(2_000_000);
        world.Run(33_000_000);
        Assert.Equal(0, world.Reading);
        device.Find("numvfs")!.Blocks = false;
        world.Run(31_000_000);
        world.Sees("add pf", "change pf");
    }

    [Fact]
    public void A_device_whose_decision_was_voided_has_a_deadline_again()
    {
        var world = new EngineWorld(Rule());
        var device = world.Add("pf").Write("ready", "").Write("numvfs", "4");
        world.OnceDecided = () =>
        {
            device.Find("numvfs")!.Blocks = true;
            world.Move("pf", "pf1");
        };
        world.Run(10_000);
        Assert.Equal(1, world.Reading);
        world.Run(3_000_000);
        Assert.Equal(0, world.Reading);
        Assert.Equal(DeviceState.Held, world.State("pf1"));
    }

    [Fact]
    public void The_follow_up_of_an_optional_item_gives_its_read_up_at_its_deadline()
    {
        var world = new EngineWorld("""
            - name: optional
              wait: [{attribute: group, notEmpty: true, optional: 1s}]
              timeout: 2s
            """);
        var device = world.Add("a");
        world.Run(1_100_000);
        world.Sees("add a");
        device.Write("group", "1");
        device.Find("group")!.Blocks = true;
        world.Run(300_000);
        Assert.Equal(1, world.Reading);
        world.Run(1_000_000);
        Assert.Equal(0, world.Reading);
        world.Sees();
    }
}
