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
        Thread.Sleep(100);
        var waited = ThreadTime.UsedUsec - before;
        Assert.InRange(waited, 0, 50_000);
        var clock = Stopwatch.StartNew();
        while (ThreadTime.UsedUsec - before - waited < 5_000)
            Assert.True(clock.Elapsed < TestTime.Seconds(30), "the clock stands still");
    }
}
