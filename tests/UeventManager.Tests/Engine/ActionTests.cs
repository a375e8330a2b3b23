namespace UeventManager.Tests.Engine;

/// <summary>A condition on the action applies only to the event that waited.</summary>
public sealed class ActionTests
{
    private const string Bound = "- {name: bound, wait: [{property: ACTION, equals: bind}, {exists: ready}], timeout: 5s}";

    [Theory]
    [InlineData("change")]
    [InlineData("unbind")]
    [InlineData("online")]
    public void A_condition_on_the_action_is_not_tested_for_a_later_event(string action)
    {
        var world = new EngineWorld("""
            - name: bound
              on: [add]
              wait: [{any: [{property: ACTION, equals: bind}, {exists: never}], optional: 500ms}]
              attach: {links: [driver]}
            """);
        var device = world.Add("a");
        world.Run(1_000);
        device.Link("driver", "/bus/usb/drivers/usb");
        world.Send("bind", "a", "net", "DRIVER=usb");
        world.Run(10_000);
        world.Sees("add a");
        Assert.Null(world.Last.Findings.Missing);
        world.Send(action, "a");
        world.Run(1_000_000);
        world.Sees($"{action} a");
        Assert.Null(world.Last.Findings.Missing);
    }

    [Fact]
    public void A_device_that_was_announced_without_its_bind_gets_it_later()
    {
        var world = new EngineWorld("""
            - name: bound
              on: [add]
              wait: [{property: ACTION, equals: bind, optional: 500ms}]
              timeout: 2s
            """);
        world.Add("a");
        world.Run(3_000_000);
        world.Sees("add a");
        Assert.Single(world.Last.Findings.Missing!);
        world.Send("bind", "a");
        world.Run(1_000_000);
        world.Sees("bind a", "change a synthetic");
        Assert.Null(world.Last.Findings.Missing);
    }

    [Theory]
    [InlineData("change", true)]
    [InlineData("unbind", true)]
    [InlineData("bind", false)]
    public void A_condition_on_the_action_stays_met_when_later_events_are_folded(string first, bool isBoundFirst)
    {
        var world = new EngineWorld("""
            - name: bound
              wait: [{property: ACTION, equals: bind}, {exists: ready}]
              timeout: 5s
            """);
        var device = world.Create("a");
        world.Send("add", "a");
        world.Run(1_000);
        if (isBoundFirst)
            world.Send("bind", "a");
        world.Run(1_000);
        world.Send(first, "a");
        world.Run(1_000);
        device.Write("ready", "");
        world.Run(1_000_000);
        world.Sees("add a");
        Assert.Null(world.Last.Findings.Missing);
    }

    // Both are read in one batch, so no look sees the bind.
    [Theory]
    [InlineData("change")]
    [InlineData("add")]
    public void A_bind_that_no_look_has_seen_counts_too(string last)
    {
        var world = new EngineWorld(Bound);
        world.Create("a").Write("ready", "");
        world.Queue(++world.Seqnum, "add", "a", "net");
        world.Queue(++world.Seqnum, "bind", "a", "net");
        world.Queue(++world.Seqnum, last, "a", "net");
        world.Run(1_000_000);
        world.Sees("add a");
        Assert.Null(world.Last.Findings.Missing);
    }

    [Fact]
    public void Another_condition_of_the_same_item_must_hold_now()
    {
        var world = new EngineWorld("- {name: r, wait: [{any: [{property: ACTION, equals: bind}, {exists: x}]}, {exists: ready}]}");
        var device = world.Add("a").Write("x", "");
        world.Run(1_000);
        device.Delete("x").Write("ready", "");
        world.Run(1_000_000);
        world.Sees();
        world.Send("bind", "a");
        world.Run(1_000_000);
        world.Sees("add a");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_bind_is_remembered_over_a_restart_and_a_reload(bool isRestart)
    {
        var world = new EngineWorld(Bound);
        var device = world.Add("a");
        world.Send("bind", "a");
        world.Send("change", "a");
        world.Run(1_000);
        if (isRestart)
            world.Restart();
        else
            world.ReplaceRules(TestRules.Of(Bound));
        world.Send("change", "a");
        world.Run(1_000);
        device.Write("ready", "");
        world.Run(1_000_000);
        world.Sees("add a");
    }

    [Fact]
    public void A_bind_of_the_device_before_does_not_count()
    {
        var world = new EngineWorld(Bound);
        world.Add("a");
        world.Send("bind", "a");
        world.Run(1_000);
        world.Remove("a");
        world.Add("a").Write("ready", "");
        world.Run(1_000_000);
        world.Sees();
    }
}
