using UeventManager.Core.Engine;
using UeventManager.Core.Ordering;

namespace UeventManager.Tests.Engine;

/// <summary>Explain and wait give the one true reason why a device is held.</summary>
public sealed class HoldTests
{
    private const string Ready = """
        - name: ready
          match: {sysname: "w*"}
          wait: [{exists: ready}]
          timeout: 5s
        """;

    [Fact]
    public void The_waiting_add_of_an_ancestor_holds_its_descendants()
    {
        var world = new EngineWorld(Ready);
        world.Add("w");
        world.Add("w/c");
        world.Run();
        Holds(world, "w/c", HoldReason.Ancestor, "w", "the add of /devices/w");
        world.Sysfs.Find("/devices/w")!.Write("ready", "");
        world.Run(10_000);
        Assert.False(UeventEngine.HoldOf(world.Device("w/c")).IsSet);
    }

    [Fact]
    public void A_device_announced_with_the_name_holds_the_next_one_until_its_remove()
    {
        var world = new EngineWorld { Buses = { "pci" } };
        world.Add("p0/0000:01:00.0", "pci");
        world.Run();
        world.Add("p1/0000:01:00.0", "pci");
        world.Run();
        Holds(world, "p1/0000:01:00.0", HoldReason.KeyOwner, "p0/0000:01:00.0", "the remove or move of /devices/p0/0000:01:00.0, which is announced with its name or number");
    }

    [Fact]
    public void An_undelivered_move_holds_the_next_device_at_the_old_place()
    {
        var world = new EngineWorld(Ready);
        world.Add("a");
        world.Run();
        world.Add("w");
        world.Run();
        world.Move("a", "w/a");
        world.Run();
        Holds(world, "w/a", HoldReason.Ancestor, "w", "the add of /devices/w");
        world.Add("a");
        world.Run();
        Holds(world, "a", HoldReason.Move, "w/a", "the move of /devices/w/a");
    }

    [Fact]
    public void A_group_that_is_not_ready_holds_its_members()
    {
        var world = new EngineWorld(GroupRules.Function, GroupRules.Virtual);
        GroupRules.Tie(world, world.Add("p").Write("numvfs", "2"), "vf0", "q0");
        world.Run(1_000);
        Holds(world, "q0", HoldReason.Leader, "p", "the group of /devices/p");
    }

    private static void Holds(EngineWorld world, string held, HoldReason reason, string by, string text)
    {
        var hold = UeventEngine.HoldOf(world.Device(held));
        Assert.Equal(new Hold(reason, world.Device(by)), hold);
        Assert.Equal([text], world.Engine.Explain(world.Device(held)).WaitsFor);
        Assert.Equal(hold, world.Engine.Explain(world.Device(held)).Hold);
    }
}
