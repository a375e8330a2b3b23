using System.Diagnostics;
using Tmds.Linux;

namespace UeventManager.Tests.Netlink;

/// <summary>The engine's thread sleeps in these calls: a lost wake-up would make the daemon hang.</summary>
public sealed class PollingTests
{
    private static long NowUsec => Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000);

    [Fact]
    public void An_eventfd_wakes_with_its_own_token()
    {
        using var epoll = new Epoll();
        using var first = new EventFd();
        using var second = new EventFd();
        epoll.Add(first.Descriptor, LibC.EPOLLIN, 1);
        epoll.Add(second.Descriptor, LibC.EPOLLIN, ulong.MaxValue);
        Assert.Equal(0, epoll.Wait(0));
        new Thread(second.Signal).Start();
        Assert.Equal(1, epoll.Wait((long)TestTime.Seconds(20).TotalMicroseconds));
        Assert.Equal((LibC.EPOLLIN, ulong.MaxValue), epoll[0]);
        second.Clear();
        Assert.Equal(0, epoll.Wait(0));
        first.Signal();
        second.Signal();
        Assert.Equal(2, epoll.Wait((long)TestTime.Seconds(20).TotalMicroseconds));
        epoll.Remove(first.Descriptor);
        Assert.Equal(1, epoll.Wait((long)TestTime.Seconds(20).TotalMicroseconds));
    }

    [Fact]
    public void A_signal_after_the_end_does_nothing()
    {
        var signal = new EventFd();
        signal.Dispose();
        signal.Signal();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_wait_never_ends_early_and_what_is_ready_is_told_before_its_end(bool precise)
    {
        using var epoll = new Epoll { HasPreciseWait = precise };
        using var wake = new EventFd();
        epoll.Add(wake.Descriptor, LibC.EPOLLIN, 7);
        var due = NowUsec + 3000;
        Assert.Equal(0, epoll.Wait(3000));
        Assert.True(NowUsec >= due);
        wake.Signal();
        Assert.Equal(1, epoll.Wait(60_000_000));
        Assert.Equal((LibC.EPOLLIN, 7ul), epoll[0]);
        Assert.Equal(1, epoll.Wait(1));
        Assert.Equal(precise, epoll.HasPreciseWait);
    }
}
