namespace UeventManager.Tests.Engine;

/// <summary>Events that <c>ueventctl retell</c> triggers are only for programs of udev: our subscribers know the device already.</summary>
public sealed class RetoldTests
{
    private const string Echo = "SYNTH_ARG_UEVENTMANAGER=settled";
    private const string Rule = """
        - name: rule
          wait: [{exists: ready}]
          timeout: 60s
        """;

    [Theory]
    [InlineData("change")]
    [InlineData("move")]
    [InlineData("add")]
    public void The_broadcast_of_an_announced_device_is_not_delivered(string action)
    {
        var world = new EngineWorld(Rule);
        world.Add("a").Write("ready", "");
        world.Run();
        var looks = world.Engine.Counters.Looks;
        world.Send(action, "a", "net", Echo, "SYNTH_UUID=0");
        world.Run();
        world.Sees("add a");
        Assert.Equal(looks, world.Engine.Counters.Looks);
        Assert.Equal(1, world.Engine.Counters.Retold);
    }

    [Fact]
    public void A_retold_event_does_not_end_a_waiting_change()
    {
        var world = new EngineWorld(Rule);
        var device = world.Add("a").Write("ready", "");
        world.Run();
        device.Delete("ready");
        world.Change("a");
        world.In(1_000_000, () => world.Send("move", "a", "net", Echo));
        world.In(2_000_000, () => device.Write("ready", ""));
        world.Run(5_000_000);
        world.Sees("add a", "change a");
    }

    [Fact]
    public void For_any_other_device_a_retold_event_is_an_ordinary_one()
    {
        var world = new EngineWorld(Rule);
        world.Sysfs.Create("/devices/a", "net").Write("ready", "");
        world.Send("change", "a", "net", Echo);
        world.Run();
        world.Sees("add a synthetic");
        Assert.Equal(0, world.Engine.Counters.Retold);
    }
}
