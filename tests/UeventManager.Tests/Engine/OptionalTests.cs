namespace UeventManager.Tests.Engine;

/// <summary>An optional item does not hold a healthy device for long, and is still reported when it comes late.</summary>
public sealed class OptionalTests
{
    private const string Rule = """
        - name: mdev
          wait: [{exists: type}, {exists: group, optional: 1s}]
          timeout: 5s
        """;

    private static (EngineWorld World, Simulation.Model.ModelDevice Device) Add(string rule = Rule)
    {
        var world = new EngineWorld(rule);
        return (world, world.Add("a").Write("type", ""));
    }

    [Fact]
    public void An_optional_item_is_required_for_its_time_and_then_listed_as_missing()
    {
        var (world, _) = Add();
        var start = world.Now;
        world.Run(999_999);
        world.Sees();
        world.Run(10_000);
        world.Sees("add a");
        Assert.Equal(1_000_000 + world.ReadUsec, world.Last.AtUsec - start);
        Assert.True(world.Last.Findings.Settled);
        Assert.Equal(["exists: group"], world.Last.Findings.Missing!);
    }

    [Fact]
    public void If_an_optional_item_appears_in_time_nothing_is_missing()
    {
        var (world, device) = Add();
        world.In(500_000, () => device.Write("group", ""));
        world.Run(2_000_000);
        world.Sees("add a");
        Assert.Null(world.Last.Findings.Missing);
        Assert.InRange(world.Last.AtUsec - world.Last.ArrivedUsec, 500_000, 551_000);
    }

    [Fact]
    public void A_late_optional_item_causes_one_synthetic_change()
    {
        var (world, device) = Add();
        world.In(3_000_000, () => device.Write("group", ""));
        world.Run(4_000_000);
        world.Sees("add a", "change a synthetic");
        Assert.Null(world.Last.Findings.Missing);
        world.Run(60_000_000);
        world.Sees();
    }

    [Fact]
    public void The_directory_is_closed_if_changes_are_not_looked_at()
    {
        var (world, device) = Add();
        world.In(3_000_000, () => device.Write("group", ""));
        world.Run(2_000_000);
        Assert.Contains("a", world.Open);
        world.Run(2_000_000);
        world.Sees("add a", "change a synthetic");
        Assert.Empty(world.Open);
    }

    [Fact]
    public void The_follow_up_change_is_delivered_only_when_everything_holds()
    {
        var (world, device) = Add("""
            - name: two
              wait: [{exists: type}, {exists: x, optional: 1s}, {exists: y, optional: 1s}]
              timeout: 5s
            """);
        world.Run(2_000_000);
        world.Sees("add a");
        device.Write("x", "").Delete("type");
        world.Run(500_000);
        device.Write("y", "");
        world.Run(500_000);
        world.Sees();
        device.Write("type", "");
        world.Run(1_000_000);
        world.Sees("change a synthetic");
        Assert.Null(world.Last.Findings.Missing);
    }

    [Fact]
    public void After_the_rules_timeout_no_further_looks_are_made()
    {
        var (world, device) = Add();
        world.Run(5_500_000);
        world.Sees("add a");
        var looks = world.Looks.Count;
        device.Write("group", "");
        world.Run(100_000_000);
        world.Sees();
        Assert.Equal(looks, world.Looks.Count);
        Assert.Equal(long.MaxValue, world.Engine.NextDueUsec(world.Now));
    }

    [Fact]
    public void The_follow_up_of_an_optional_item_blocks_no_other_event()
    {
        var (world, _) = Add();
        world.Run(2_000_000);
        world.Add("a/c").Write("type", "").Write("group", "");
        world.Run();
        world.Send("bind", "a");
        world.Run();
        world.Sees("add a", "add a/c", "bind a");
    }

    [Theory]
    [InlineData("change")]
    [InlineData("bind")]
    public void A_newer_event_reports_what_is_missing_now_and_restarts_the_follow_up(string action)
    {
        var (world, device) = Add(Rule + "\n  on: [add]");
        world.Run(2_000_000);
        world.Send(action, "a");
        world.Run();
        Assert.Equal(["exists: group"], world.Last.Findings.Missing!);
        // Later than the time of the announcement.
        world.Run(4_000_000);
        device.Write("group", "");
        world.Run(10_000_000);
        world.Sees("add a", $"{action} a", "change a synthetic");
        Assert.Null(world.Last.Findings.Missing);
    }

    [Fact]
    public void A_remove_cancels_the_follow_up()
    {
        var (world, _) = Add();
        world.Run(2_000_000);
        world.Remove("a");
        world.Run(10_000_000);
        world.Sees("add a", "remove a");
    }

    [Fact]
    public void A_new_instance_cancels_the_follow_up()
    {
        var (world, _) = Add();
        world.Run(2_000_000);
        world.Sysfs.Remove("/devices/a");
        world.Create("a").Write("type", "").Write("group", "");
        world.Run(10_000_000);
        world.Sees("add a");
    }

    [Fact]
    public void An_optional_item_missing_at_the_announcement_does_not_hold_a_later_change()
    {
        var (world, _) = Add();
        world.Run(2_000_000);
        world.Change("a");
        world.Run(world.ReadUsec);
        world.Sees("add a", "change a");
        Assert.Equal(["exists: group"], world.Last.Findings.Missing!);
    }

    [Fact]
    public void An_optional_item_whose_name_begins_like_the_missing_one_still_holds_a_later_change()
    {
        var world = new EngineWorld("""
            - name: on-add
              on: [add]
              wait: [{exists: group2, optional: 1s}]
            - name: on-change
              wait: [{exists: group2, optional: 1s}, {exists: group, optional: 1s}]
            """.Replace("on: [add]", "match: {property: {PHASE: add}}", StringComparison.Ordinal));
        world.Add("a", "net", "PHASE=add");
        world.Run(2_000_000);
        world.Sees("add a");
        world.Change("a");
        world.Run(500_000);
        world.Sees();
        world.Run(600_000);
        world.Sees("change a");
    }

    [Fact]
    public void A_required_item_missing_at_delivery_holds_a_later_change()
    {
        var world = new EngineWorld("""
            - name: deliver
              wait: [{exists: ready}]
              timeout: 1s
              onTimeout: deliver
            """);
        var device = world.Add("a");
        world.Run(2_000_000);
        world.Sees("add a unsettled");
        world.Change("a");
        world.Run(500_000);
        world.Sees();
        device.Write("ready", "");
        world.Run(100_000);
        world.Sees("change a");
    }

    [Fact]
    public void Nothing_follows_a_delivery_at_the_timeout_or_by_hand()
    {
        var world = new EngineWorld("""
            - name: deliver
              match: {sysname: d}
              wait: [{exists: ready}, {exists: group, optional: 100ms}]
              timeout: 1s
              onTimeout: deliver
            - name: hold
              wait: [{exists: ready}, {exists: group, optional: 100ms}]
            """);
        var d = world.Add("d");
        var h = world.Add("h");
        world.Run(500_000);
        Assert.True(world.Release("h"));
        world.Run(1_000_000);
        world.Sees("add h unsettled", "add d unsettled");
        d.Write("ready", "").Write("group", "");
        h.Write("ready", "").Write("group", "");
        world.Run(60_000_000);
        world.Sees();
    }
}
