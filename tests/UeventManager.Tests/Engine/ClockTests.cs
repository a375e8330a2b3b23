namespace UeventManager.Tests.Engine;

/// <summary>
/// CLOCK_MONOTONIC of the next run may be another one: in another time namespace, or on a machine that was put back to an earlier state. Without these
/// who waited would wait for days, looked at thousands of times a second.
/// </summary>
public sealed class ClockTests
{
    private const string Ready = """
        - name: ready
          match: {sysname: "w*"}
          wait: [{exists: ready}]
          timeout: 5s
        - name: deliver
          match: {sysname: "d*"}
          wait: [{exists: ready}]
          timeout: 5s
          onTimeout: deliver
        - name: optional
          match: {sysname: "o*"}
          wait: [{exists: ready}, {exists: late, optional: 1s}]
          timeout: 5s
        """;

    [Theory]
    [InlineData(1_000_000_000, 3_500_000)]
    [InlineData(1_000_000_000, 400_000_000)]
    [InlineData(90_000_000_000, 5_000_000)]
    public void A_clock_that_went_back_makes_nobody_wait_longer_and_nobody_look_more_often(long before, long after)
    {
        var world = new EngineWorld(Ready) { Now = before };
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
        var world = new EngineWorld(Ready) { Now = 1_000_000_000 };
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
