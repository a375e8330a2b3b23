using UeventManager.Core.Ordering;

namespace UeventManager.Tests.Engine;

/// <summary>Two devices with one name on a bus, one number or one node are never announced at once.</summary>
public sealed class ConflictTests
{
    private const string Ready = """
        - name: ready
          match: {sysname: "w*"}
          wait: [{exists: ready}]
          timeout: 2s
        """;

    [Fact]
    public void A_device_waits_for_the_remove_of_the_device_that_has_its_name_on_the_bus()
    {
        var world = new EngineWorld { Buses = { "pci" } };
        world.Add("p0/0000:01:00.0", "pci");
        world.Run();
        world.Add("p1/0000:01:00.0", "pci");
        world.Run(100_000);
        world.Sees("add p0/0000:01:00.0");
        Assert.Equal(["Conflict 0000:01:00.0: /devices/p0/0000:01:00.0"], world.Incidents);
        world.Remove("p0/0000:01:00.0");
        world.Run();
        world.Sees("remove p0/0000:01:00.0", "add p1/0000:01:00.0");
        Assert.Equal(1, world.Engine.Counters.Conflicts);
    }

    [Fact]
    public void The_owner_of_a_name_keeps_it_over_a_restart()
    {
        var world = new EngineWorld { Buses = { "pci" } };
        world.Add("p0/0000:01:00.0", "pci");
        world.Run();
        world.Restart();
        world.Add("p1/0000:01:00.0", "pci");
        world.Run(100_000);
        world.Sees("add p0/0000:01:00.0");
        world.Remove("p0/0000:01:00.0");
        world.Run();
        world.Sees("remove p0/0000:01:00.0", "add p1/0000:01:00.0");
    }

    [Fact]
    public void Each_owner_of_a_key_that_a_device_waits_for_is_checked()
    {
        var world = new EngineWorld { Buses = { "pci" } };
        world.Add("p0/a", "pci");
        world.Add("b", "net", "IFINDEX=7");
        world.Run();
        world.Add("p1/a", "pci", "IFINDEX=7");
        world.Run(1_000);
        // Nobody hears of its remove: only a look at it tells.
        world.Sysfs.Remove("/devices/b");
        world.Remove("p0/a");
        world.Run(1_000);
        world.Sees("add p0/a", "add b", "remove p0/a", "remove b synthetic", "add p1/a");
    }

    [Fact]
    public void A_device_with_a_new_number_does_not_hold_others_by_its_old_number()
    {
        var world = new EngineWorld();
        world.Add("a", "net", "IFINDEX=7");
        world.Run();
        world.Change("a", "IFINDEX=8");
        world.Run();
        world.Add("b", "net", "IFINDEX=7");
        world.Run();
        world.Sees("add a", "change a", "add b");
        world.Add("c", "net", "IFINDEX=8");
        world.Run(1_000);
        world.Sees();
        world.Remove("a");
        world.Run();
        world.Sees("remove a", "add c");
    }

    [Fact]
    public void Two_devices_of_a_class_may_have_the_same_name()
    {
        var world = new EngineWorld();
        world.Add("p0/a", "net");
        world.Add("p1/a", "net");
        world.Run();
        world.Sees("add p0/a", "add p1/a");
        Assert.Equal(0, world.Engine.Counters.Conflicts);
    }

    [Theory]
    [InlineData("net", "IFINDEX=7")]
    [InlineData("block", "MAJOR=8|MINOR=0")]
    [InlineData("tty", "MAJOR=4|MINOR=64")]
    [InlineData("misc", "DEVNAME=fuse")]
    public void A_device_waits_for_the_remove_of_the_device_that_has_its_key(string subsystem, string key)
    {
        var world = new EngineWorld();
        world.Add("a", subsystem, key.Split('|'));
        world.Run();
        world.Add("b", subsystem, key.Split('|'));
        world.Run(4_999_999);
        world.Sees("add a");
        world.Remove("a");
        world.Run();
        world.Sees("remove a", "add b");
    }

    [Fact]
    public void A_block_device_and_a_character_device_may_have_one_number()
    {
        var world = new EngineWorld();
        world.Add("a", "block", "MAJOR=8", "MINOR=0");
        world.Add("b", "tty", "MAJOR=8", "MINOR=0");
        world.Run();
        world.Sees("add a", "add b");
    }

    [Fact]
    public void A_remove_that_never_comes_holds_another_device_at_most_until_its_timeout()
    {
        var world = new EngineWorld(Ready);
        world.Add("a", "net", "IFINDEX=7");
        world.Run();
        world.Add("w", "net", "IFINDEX=7").Write("ready", "");
        world.Add("b", "net", "IFINDEX=8");
        world.Run(1_999_999);
        world.Sees("add a", "add b");
        Assert.Equal(DeviceState.Waiting, world.State("w"));
        world.Run(1 + world.ReadUsec);
        world.Sees("add w");
        Assert.Single(world.Incidents);
    }

    [Fact]
    public void A_third_device_waits_for_both_owners_of_its_key()
    {
        var world = new EngineWorld();
        world.Add("a", "net", "IFINDEX=7");
        world.Run();
        world.Add("b", "net", "IFINDEX=7");
        world.Run(5_000_000);
        world.Sees("add a", "add b");
        world.Remove("a");
        world.Add("c", "net", "IFINDEX=7");
        world.Run(1_000);
        world.Sees("remove a");
        world.Remove("b");
        world.Run();
        world.Sees("remove b", "add c");
    }

    [Fact]
    public void Without_a_rule_the_default_timeout_applies()
    {
        var world = new EngineWorld();
        world.Add("a", "net", "IFINDEX=7");
        world.Run();
        world.Add("b", "net", "IFINDEX=7");
        world.Run(4_999_999);
        world.Sees("add a");
        world.Run(1);
        world.Sees("add b");
    }

    [Fact]
    public void A_key_owner_whose_remove_was_lost_is_looked_at_and_holds_no_other_device()
    {
        var world = new EngineWorld { Buses = { "usb" } };
        world.Add("u1/1-1", "usb");
        world.Run();
        world.Sysfs.Remove("/devices/u1/1-1");
        world.Add("u2/1-1", "usb");
        world.Run();
        world.Sees("add u1/1-1", "remove u1/1-1 synthetic", "add u2/1-1");
    }

    [Fact]
    public void A_rename_frees_the_name_once_it_is_delivered()
    {
        var world = new EngineWorld { Buses = { "b" } };
        world.Add("x/a", "b");
        world.Run();
        world.Add("y/a", "b");
        world.Run(1_000);
        world.Move("x/a", "x/c");
        world.Run();
        world.Sees("add x/a", "move x/c from x/a", "add y/a");
        world.Add("z/c", "b");
        world.Run(1_000);
        world.Sees();
        world.Remove("x/c");
        world.Run();
        world.Sees("remove x/c", "add z/c");
    }

    [Fact]
    public void A_device_that_is_removed_while_it_waits_for_a_name_is_never_announced()
    {
        var world = new EngineWorld { Buses = { "b" } };
        world.Add("x/a", "b");
        world.Add("y/a", "b");
        world.Run(1_000);
        world.Remove("y/a");
        world.Remove("x/a");
        world.Run();
        world.Sees("add x/a", "remove x/a");
    }

    [Fact]
    public void A_bus_device_found_by_a_scan_owns_its_name_too()
    {
        var world = new EngineWorld { Buses = { "b" } };
        world.Create("x/a", "b");
        world.Start();
        world.Run(1_000);
        world.Add("y/a", "b");
        world.Run(1_000);
        world.Sees("add x/a synthetic");
        world.Remove("x/a");
        world.Run();
        world.Sees("remove x/a", "add y/a");
    }
}
