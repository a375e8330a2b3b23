namespace UeventManager.Tests.Engine;

/// <summary>A condition on an event's own action was about that event, and about no other.</summary>
public sealed class ActionTests
{
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
}
