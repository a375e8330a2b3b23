using System.Text;
using UeventManager.Core.Reconcile;

namespace UeventManager.Tests.Engine;

/// <summary>A module's class may disappear before the removes of its devices are read: the devices must still be removed.</summary>
public sealed class SubsystemTests
{
    [Theory]
    [InlineData("change", "change d")]
    [InlineData("bind", "bind d")]
    [InlineData("remove", "remove d")]
    public void An_event_of_a_known_device_belongs_to_it_even_if_its_class_is_gone(string action, string seen)
    {
        var world = new EngineWorld();
        world.Create("d", "msr");
        world.Start();
        world.Run();
        world.Sees("add d synthetic");
        world.Unregistered.Add("msr");
        world.Send(action, "d", "msr");
        world.Run();
        world.Sees(seen);
        Assert.Equal(action != "remove", world.Knows("d"));
    }

    [Fact]
    public void A_device_that_is_renamed_although_its_class_is_gone_keeps_its_life()
    {
        var world = new EngineWorld();
        world.Add("d", "msr");
        world.Run();
        world.Unregistered.Add("msr");
        world.Move("d", "e");
        world.Run();
        world.Sees("add d", "move e from d");
    }

    [Fact]
    public void After_the_class_comes_back_no_event_is_made_up()
    {
        var world = new EngineWorld();
        world.Create("d", "msr");
        world.Start();
        world.Run();
        world.Unregistered.Add("msr");
        world.Remove("d");
        world.Run();
        world.Unregistered.Clear();
        world.Add("d", "msr");
        world.Run();
        world.Sees("add d synthetic", "remove d", "add d");
    }

    [Fact]
    public void A_device_that_a_scan_finds_in_another_subsystem_is_announced_anew()
    {
        var world = new EngineWorld();
        world.Add("i2c-0", "i2c-adapter");
        world.Run();
        var device = world.Sysfs.Find("/devices/i2c-0")!;
        world.Engine.Reconcile();
        world.Engine.Scanned(1, [new ScannedDevice(Encoding.UTF8.GetBytes("/devices/i2c-0"), "i2c", device.Instance, Encoding.UTF8.GetBytes(device.Uevent), true)], world.Now);
        world.CarryOut();
        world.Engine.ScanEnded(1, world.Now);
        world.CarryOut();
        world.Run();
        world.Sees("add i2c-0", "remove i2c-0 synthetic", "add i2c-0 synthetic");
        Assert.Equal("i2c", world.Device("i2c-0").Subsystem);
        Assert.Equal("i2c", world.Last.Subsystem);
    }

    [Fact]
    public void An_event_that_may_have_been_a_devices_causes_another_scan()
    {
        var world = new EngineWorld();
        world.Unregistered.Add("late");
        world.Add("d", "late");
        world.Engine.RescanSoon(world.Now);
        world.Run();
        world.Sees("add d kobject");
        world.Unregistered.Clear();
        world.Run(2_000_000);
        world.Sees("add d synthetic");
        Assert.Equal(0, world.Gaps);
        Assert.Equal(Core.Reconcile.Rescans.PerDoubt, world.Reconciled);
        // And no more than so often.
        world.Run(20_000_000);
        Assert.Equal(Core.Reconcile.Rescans.PerDoubt, world.Reconciled);
        Assert.Equal(long.MaxValue, world.Engine.NextDueUsec(world.Now));
    }

    [Fact]
    public void A_device_whose_link_names_another_subsystem_is_looked_at_before_it_is_delivered()
    {
        var world = new EngineWorld { Contested = { "d" } };
        world.Add("d");
        world.Remove("d");
        world.Run();
        world.Sees();
        Assert.Equal(1, world.Engine.Counters.Vanished);
    }

    [Theory]
    [InlineData("change")]
    [InlineData("bind")]
    public void An_event_that_names_another_subsystem_is_of_another_device_whose_add_was_lost(string action)
    {
        var world = new EngineWorld();
        world.Add("d", "msr");
        world.Run();
        world.Sysfs.Remove("/devices/d");
        world.Create("d", "cpuid");
        world.Send(action, "d", "cpuid");
        world.Run();
        world.Sees("add d", "remove d synthetic", "add d synthetic");
        Assert.Equal("cpuid", world.Device("d").Subsystem);
    }

    [Fact]
    public void A_move_that_names_another_subsystem_brings_a_new_device()
    {
        var world = new EngineWorld();
        world.Add("d", "msr");
        world.Run();
        world.Sysfs.Remove("/devices/d");
        world.Create("d", "cpuid");
        world.Move("d", "e");
        world.Run();
        world.Sees("add d", "remove d synthetic", "add e synthetic");
        Assert.Equal("cpuid", world.Device("e").Subsystem);
    }

    [Fact]
    public void A_device_added_at_the_path_of_a_dropped_device_of_another_subsystem_is_a_new_one()
    {
        var world = new EngineWorld("""
            - name: r
              wait: [{exists: never}]
              timeout: 1s
              onTimeout: drop
            """);
        world.Add("d", "net");
        world.Run(5_000_000);
        world.Sysfs.Remove("/devices/d");
        world.Add("d", "cpuid");
        world.Run();
        Assert.Equal("cpuid", world.Device("d").Subsystem);
    }
}
