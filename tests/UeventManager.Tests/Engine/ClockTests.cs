namespace UeventManager.Tests.Engine;

/// <summary>
/// The next run may see another CLOCK_MONOTONIC: in another time namespace, or on a machine that was restored to an earlier state. Without these tests, a
/// device that waited could wait for days and be looked at thousands of times a second.
/// </summary>
public sealed class ClockTests
{
    [Theory]
    [InlineData(1_000_000_000, 3_500_000)]
    [InlineData(1_000_000_000, 400_000_000)]
    [InlineData(90_000_000_000, 5_000_000)]
    public void A_clock_that_went_back_prolongs_no_wait_and_causes_no_extra_looks(long before, long after)
    {
        var world = new EngineWorld(RestartTests.Ready) { Now = before };
        world.Start();
        world.Run(1000);
        world.Add("w");
        world.Add("d");
        world.Add("o").Write("ready", "");
        world.Run(3_000_000);
        var seen = world.Seen.Count;
        var looks = world.Looks.Count;
        world.Restart(() => world.Now = after);
        world.Run(1_900_000);
        Assert.Equal(seen, world.Seen.Count);
        world.Sysfs.Find("/devices/w")!.Write("ready", "");
        world.Run(300_000);
        Assert.Equal(["add d unsettled", "add w"], world.Seen.Skip(seen).Select(e => e.ToString()).Order(StringComparer.Ordinal));
        Assert.All(world.Seen.Skip(seen), e => Assert.InRange(e.ArrivedUsec, 0, e.AtUsec));
        Assert.All(world.Engine.Explain(world.Device("w")).History, moment => Assert.InRange(moment.AtUsec, 0, world.Now));
        // Two devices, each looked at every 4 ms at the most.
        Assert.InRange(world.Looks.Count - looks, 1, 1_600);
    }

    [Fact]
    public void After_a_clock_restart_no_device_waits_longer_than_its_timeout()
    {
        var world = new EngineWorld(RestartTests.Ready) { Now = 1_000_000_000 };
        world.Start();
        world.Add("d");
        world.Run(3_000_000);
        world.Restart(() => world.Now = 1000);
        world.Run(5_100_000);
        world.Sees("add d unsettled");
        Assert.InRange(world.Last.ArrivedUsec, 0, 1000);
        Assert.InRange(world.Looks.Count, 1, 2_800);
    }
}
