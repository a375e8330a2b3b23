using UeventManager.Core.Engine;
using UeventManager.Core.Ordering;
using UeventManager.Core.Settle;

namespace UeventManager.Tests.Engine;

/// <summary>A failed look proves neither presence nor absence: taking it for either would lose devices, or keep removed ones.</summary>
public sealed class BlindTests
{
    private const int EMFILE = 24;

    private const string Ready = """
        - name: ready
          match: {sysname: "w*"}
          on: [add, change]
          wait: [{exists: ready}]
          timeout: 1s
        - name: drops
          match: {sysname: "x*"}
          wait: [{exists: ready}]
          timeout: 1s
          onTimeout: drop
        - name: without
          match: {sysname: "a*"}
          wait: [{absent: busy}]
          timeout: 1s
        """;

    [Fact]
    public void A_device_that_cannot_be_looked_at_waits_and_is_announced_once_it_can_be()
    {
        var world = new EngineWorld(Ready) { Blind = _ => EMFILE };
        world.Add("w").Write("ready", "");
        world.Run(300_000);
        world.Sees();
        Assert.Equal(["the device's directory (EMFILE)"], UeventEngine.MissingOf(world.Device("w")));
        Assert.Equal(["w"], world.Engine.Blind.Select(one => one.Device.SysName));
        Assert.Single(world.Incidents, line => line == "CannotLook w: EMFILE");
        world.Blind = null;
        world.Run(LookTimes.LongestRetryUsec);
        world.Sees("add w");
        Assert.Empty(world.Engine.Blind);
    }

    [Fact]
    public void A_failed_read_makes_no_condition_hold()
    {
        var world = new EngineWorld(Ready) { BlindTo = query => query.Path == "busy" ? EMFILE : 0 };
        world.Add("a").Write("busy", "");
        world.Run(300_000);
        world.Sees();
        world.BlindTo = null;
        world.Run(500_000);
        world.Sees();
        world.Sysfs.Find("/devices/a")!.Delete("busy");
        world.Run(500_000);
        world.Sees("add a");
    }

    [Fact]
    public void The_timeout_of_a_device_that_cannot_be_looked_at_frees_its_children()
    {
        var world = new EngineWorld(Ready) { Blind = path => path.EndsWith("/w", StringComparison.Ordinal) ? EMFILE : 0 };
        world.Add("w");
        world.Add("w/c");
        world.Run(999_000);
        world.Sees();
        world.Run(2_000);
        world.Sees("add w/c");
        Assert.Equal(DeviceState.Held, world.State("w"));
    }

    [Fact]
    public void A_device_that_could_not_be_looked_at_is_not_dropped()
    {
        var world = new EngineWorld(Ready);
        var device = world.Add("x");
        world.Run(900_000);
        world.Blind = _ => EMFILE;
        device.Write("ready", "");
        world.Run(5_000_000);
        Assert.Equal(DeviceState.Held, world.State("x"));
        world.Blind = null;
        world.Run(LookTimes.LongestRetryUsec);
        world.Sees("add x");
    }

    [Fact]
    public void After_lost_events_nothing_is_gone_that_cannot_be_looked_at()
    {
        var world = new EngineWorld(Ready);
        foreach (var name in new[] { "p", "p/c", "q" })
            world.Add(name);
        world.Run(1_000);
        world.Sees("add p", "add p/c", "add q");
        (world.Blind, world.Hides) = (_ => EMFILE, _ => true);
        world.Overrun();
        world.Sysfs.Remove("/devices/q");
        world.Run(3_000_000);
        world.Sees();
        Assert.Equal(["c", "p", "q"], world.Engine.Blind.Select(one => one.Device.SysName).Order());
        (world.Blind, world.Hides) = (null, null);
        world.Run(LookTimes.LongestRetryUsec);
        world.Sees("remove q synthetic");
    }

    [Fact]
    public void A_later_scan_finds_what_one_could_not_read()
    {
        var world = new EngineWorld(Ready) { Hides = path => path.EndsWith("/hidden", StringComparison.Ordinal) };
        world.Create("hidden");
        world.Create("seen");
        world.Start();
        world.Run(2_000_000);
        world.Sees("add seen synthetic");
        Assert.NotEqual(0, world.Reconciled);
        world.Hides = null;
        world.Run(Core.Reconcile.Rescans.LongestUsec);
        world.Sees("add hidden synthetic");
        Assert.Equal(0, world.Gaps);
    }

    [Fact]
    public void A_second_add_that_cannot_be_identified_waits_for_that()
    {
        var world = new EngineWorld(Ready);
        world.Add("d");
        world.Run(1_000);
        world.Sees("add d");
        world.Blind = _ => EMFILE;
        world.Send("add", "d", "net", "SYNTH_UUID=0");
        world.Send("add", "d", "net", "SYNTH_UUID=1");
        world.Run(200_000);
        world.Sees();
        world.Blind = null;
        world.Run(LookTimes.LongestRetryUsec);
        // The newest stands for both.
        world.Sees("change d synthetic");
        Assert.Equal("1", world.Last.Properties["SYNTH_UUID"]);
    }

    [Fact]
    public void A_change_whose_look_fails_is_not_taken_for_a_change_of_another_instance()
    {
        var world = new EngineWorld(Ready);
        world.Add("w").Write("ready", "");
        world.Run(1_000);
        world.Blind = _ => EMFILE;
        world.Change("w");
        world.Run(100_000);
        world.Sees("add w");
        world.Blind = null;
        world.Run(LookTimes.LongestRetryUsec);
        world.Sees("change w");
    }

    [Fact]
    public void A_remove_needs_no_look()
    {
        var world = new EngineWorld(Ready) { Blind = _ => EMFILE };
        world.Add("w");
        world.Add("d");
        world.Run(10_000);
        world.Remove("w");
        world.Remove("d");
        world.Run(2_000_000);
        world.Sees("add d", "remove d");
        Assert.Equal(0, world.Engine.Devices.Count);
        Assert.Empty(world.Engine.Blind);
    }
}
