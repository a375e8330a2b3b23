namespace UeventManager.Tests.Engine;

/// <summary>After lost events the findings about announced devices are checked, and only differences are delivered.</summary>
public sealed class RefreshTests
{
    private const string Rule = """
        - name: r
          on: [add]
          wait: [{link: driver, optional: 100ms}, {exists: net, optional: 100ms}]
          timeout: 1s
          attach: {links: [driver], attributes: [v]}
        """;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_came_with_a_lost_event_is_found_before_the_state_is_told(bool isRestart)
    {
        var world = Begin();
        world.Sysfs.Find(EngineWorld.Dev("a"))!.Link("driver", "/bus/pci/drivers/x").Write("v", "2").Write("net", "");
        string[]? told = null;
        world.WhenReconciled = () => told = [.. world.Seen.Skip(2).Select(seen => seen.ToString())];
        if (isRestart)
            world.Restart(mayHaveMissed: true);
        else
            world.Overrun();
        world.Run(3_000_000);
        Assert.Equal(["change a synthetic"], told!);
        var findings = world.Device("a").Findings;
        Assert.Null(findings.Missing);
        Assert.Equal("2", Assert.Single(findings.Attributes!).Value);
        Assert.Equal("/bus/pci/drivers/x", Assert.Single(findings.Links!).Value);
        Assert.Equal(3, world.Seen.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_device_of_which_nothing_has_changed_is_not_told_again(bool isRestart)
    {
        var world = Begin();
        if (isRestart)
            world.Restart(mayHaveMissed: true);
        else
            world.Overrun();
        world.Run(3_000_000);
        Assert.Equal(1, world.Reconciled);
        Assert.Equal(2, world.Seen.Count);
        // The missing conditions are still promised.
        world.Sysfs.Find(EngineWorld.Dev("a"))!.Link("driver", "/bus/pci/drivers/x").Write("net", "");
        world.Add("a/child");
        world.Run(1_000_000);
        Assert.Contains(world.Seen, seen => seen.ToString() == "change a synthetic");
    }

    [Fact]
    public void A_promise_is_kept_over_a_restart_that_may_have_missed_events()
    {
        var world = new EngineWorld("- {name: r, wait: [{exists: late, optional: 50ms}], timeout: 20s, attach: {attributes: [v]}}");
        var device = world.Add("a").Write("v", "1");
        world.Run(500_000);
        world.Sees("add a");
        world.Restart(mayHaveMissed: true);
        world.Run(500_000);
        device.Write("late", "");
        world.Run(3_000_000);
        world.Sees("change a synthetic");
        Assert.Null(world.Last.Findings.Missing);
    }

    [Fact]
    public void A_look_after_a_loss_that_waits_over_a_restart_tells_only_news_too()
    {
        var world = new EngineWorld("- {name: r, wait: [{exists: ready}], attach: {attributes: [v]}}");
        var device = world.Add("a").Write("v", "1").Write("ready", "");
        world.Run(500_000);
        world.Sees("add a");
        device.Delete("ready");
        world.Overrun();
        world.Run(500_000);
        world.Restart();
        device.Write("ready", "");
        world.Run(3_000_000);
        world.Sees();
        Assert.False(world.Device("a").HasUnfinishedChange);
    }

    [Fact]
    public void Without_a_loss_a_restart_looks_at_no_announced_device()
    {
        var world = Begin();
        world.Sysfs.Find(EngineWorld.Dev("a"))!.Write("v", "2");
        world.Restart();
        world.Run(3_000_000);
        Assert.Equal(2, world.Seen.Count);
    }

    [Theory]
    [InlineData("change")]
    [InlineData("bind")]
    public void An_event_that_comes_meanwhile_is_told_too(string action)
    {
        var world = Begin();
        world.ReadUsec = 100_000;
        world.Overrun();
        world.Run(50_000);
        world.Send(action, "a");
        world.Run(50_500);
        world.Sysfs.Find(EngineWorld.Dev("a"))!.Write("v", "2");
        world.Run(3_000_000);
        Assert.Equal([$"{action} a"], world.Seen.Skip(2).Select(seen => seen.ToString()));
        Assert.Equal("2", Assert.Single(world.Last.Findings.Attributes!).Value);
    }

    [Fact]
    public void A_change_that_was_lost_waits_for_its_conditions()
    {
        var world = new EngineWorld("- {name: r, wait: [{exists: ready}], attach: {attributes: [v]}}");
        var device = world.Add("a").Write("ready", "").Write("v", "1");
        world.Run(1_000_000);
        world.Sees("add a");
        device.Delete("ready").Write("v", "2");
        world.Overrun();
        world.Run(1_000_000);
        world.Sees();
        Assert.Equal(1, world.Reconciled);
        device.Write("ready", "");
        world.Run(1_000_000);
        world.Sees("change a synthetic");
        Assert.Equal("2", Assert.Single(world.Last.Findings.Attributes!).Value);
    }

    [Fact]
    public void A_condition_that_hangs_is_told_as_unknown()
    {
        var world = new EngineWorld("- {name: r, on: [add], wait: [{attribute: state, equals: up}], timeout: 1s, attach: {attributes: [v]}}");
        var device = world.Add("a").Write("state", "up").Write("v", "1");
        world.Run(1_000_000);
        world.Sees("add a");
        device.Find("state")!.Blocks = true;
        world.Restart(mayHaveMissed: true);
        world.Run(3_000_000);
        Assert.Contains("no answer", Assert.Single(world.Device("a").Findings.Missing ?? []), StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_that_has_become_less_complete_has_an_unfinished_change()
    {
        var world = new EngineWorld("- {name: r, wait: [{exists: ready}]}");
        var device = world.Add("a").Write("ready", "");
        world.Run(1_000_000);
        world.Sees("add a");
        device.Delete("ready");
        world.Overrun();
        world.Run(1_000_000);
        Assert.True(world.Device("a").HasUnfinishedChange);
        device.Write("ready", "");
        world.Run(1_000_000);
        world.Sees();
        Assert.False(world.Device("a").HasUnfinishedChange);
    }

    [Theory]
    [InlineData("match: {property: {STATE: up}}, on: [add], wait: [{exists: ready}]")]
    [InlineData("wait: [{property: STATE, equals: up}]")]
    [InlineData("wait: [{property: ACTION, equals: add}]")]
    [InlineData("on: [add], wait: [{property: ACTION, equals: add}]")]
    public void A_property_that_only_a_uevent_has_is_not_lost_with_others(string rule)
    {
        var world = new EngineWorld($"- {{name: r, {rule}, attach: {{attributes: [v]}} }}");
        world.Create("a").Write("ready", "").Write("v", "1");
        world.Send("add", "a", "net", "STATE=up");
        world.Run(1_000_000);
        world.Sees("add a");
        world.Overrun();
        world.Run(3_000_000);
        world.Sees();
        Assert.False(world.Device("a").HasUnfinishedChange);
        Assert.Equal("r", world.Device("a").Findings.Rule);
    }

    [Fact]
    public void A_value_that_hangs_does_not_keep_the_state_back()
    {
        var world = Begin();
        world.Sysfs.Find(EngineWorld.Dev("a"))!.Find("v")!.Blocks = true;
        world.Overrun();
        world.Run(1_100_000);
        Assert.Equal(1, world.Reconciled);
        world.Sysfs.Find(EngineWorld.Dev("a"))!.Find("v")!.Blocks = false;
        world.Run(3_000_000);
        Assert.False(world.Engine.IsReconciling);
    }

    private static EngineWorld Begin()
    {
        var world = new EngineWorld(Rule);
        world.Add("a").Write("v", "1");
        world.Add("b").Link("driver", "/bus/pci/drivers/x").Write("net", "").Uevent = "DRIVER=x";
        world.Run(2_000_000);
        Assert.Equal(["add b", "add a"], world.Seen.Select(seen => seen.ToString()));
        return world;
    }

    [Fact]
    public void A_look_after_a_loss_that_finds_all_ends_a_dropped_change()
    {
        var world = new EngineWorld("- {name: r, wait: [{exists: ready}], timeout: 100ms, onTimeout: drop}");
        var device = world.Add("a").Write("ready", "");
        world.Run(500_000);
        world.Sees("add a");
        device.Delete("ready");
        world.Change("a");
        world.Run(500_000);
        Assert.True(world.Device("a").HasUnfinishedChange);
        device.Write("ready", "");
        world.Overrun();
        world.Run(3_000_000);
        world.Sees();
        Assert.False(world.Device("a").HasUnfinishedChange);
    }
}
