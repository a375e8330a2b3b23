using System.Diagnostics;
using UeventManager.Netlink;

namespace UeventManager.Tests.Netlink;

/// <summary>A recorder's look is charged the time that it ran, not the time for which it waited or others ran.</summary>
public sealed class ThreadTimeTests
{
    [Fact]
    public void WaitingCostsNothingAndRunningDoes()
    {
        var before = ThreadTime.UsedUsec;
        var ran = 0L;
        var other = new Thread(() =>
        {
            var began = ThreadTime.UsedUsec;
            while ((ran = ThreadTime.UsedUsec - began) < 100_000)
            {
            }
        });
        other.Start();
        other.Join();
        var waited = ThreadTime.UsedUsec - before;
        Assert.True(ran >= 100_000);
        Assert.InRange(waited, 0, 50_000);
        var clock = Stopwatch.StartNew();
        while (ThreadTime.UsedUsec - before - waited < 5_000)
            Assert.True(clock.Elapsed < TestTime.Seconds(30), "the clock stands still");
    }
}
