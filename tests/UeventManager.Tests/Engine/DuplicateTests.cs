namespace UeventManager.Tests.Engine;

/// <summary>A datagram that arrives twice with one SEQNUM still leads to a legal order of events.</summary>
public sealed class DuplicateTests
{
    private readonly EngineWorld _world = new("""
        - name: ready
          match: {sysname: "w*"}
          wait: [{exists: ready}]
        """);

    [Fact]
    public void An_add_that_comes_twice_while_it_waits_is_one()
    {
        var device = _world.Add("w");
        _world.Repeat();
        _world.Run(1_000);
        device.Write("ready", "");
        _world.Run(1_000_000);
        _world.Sees("add w");
    }

    [Fact]
    public void The_add_of_an_announced_device_that_comes_twice_is_a_change()
    {
        _world.Add("a");
        _world.Repeat();
        _world.Run();
        _world.Sees("add a", "change a synthetic");
    }

    [Fact]
    public void A_remove_that_comes_twice_is_delivered_once()
    {
        _world.Add("a");
        _world.Remove("a");
        _world.Repeat();
        _world.Run();
        _world.Sees("add a", "remove a");
        Assert.Equal(1, _world.Engine.Counters.UnknownRemoves);
    }

    [Fact]
    public void A_repeated_remove_does_not_end_the_next_instance()
    {
        _world.Add("a");
        _world.Remove("a");
        var again = _world.Queued.Last();
        _world.Add("a");
        _world.Queue(again);
        _world.Run();
        _world.Sees("add a", "remove a", "add a");
    }

    [Fact]
    public void A_move_that_comes_twice_is_delivered_once()
    {
        _world.Add("a");
        _world.Move("a", "b");
        _world.Repeat();
        _world.Run();
        _world.Sees("add a", "move b from a", "change b synthetic");
    }

    [Fact]
    public void An_add_that_a_later_instance_overtook_is_not_delivered_as_its_change()
    {
        _world.Add("w");
        _world.Run(1_000);
        _world.Sysfs.Remove(EngineWorld.Dev("w"));
        _world.Create("w").Write("ready", "");
        _world.Queue(1003, "add", "w");
        _world.Queue(1002, "remove", "w");
        _world.Queue(1005, "add", "w");
        _world.Queue(1004, "remove", "w");
        _world.Run(1_000_000);
        _world.Sees("add w");
        Assert.Equal(1005, _world.Last.Seqnum);
    }
}
