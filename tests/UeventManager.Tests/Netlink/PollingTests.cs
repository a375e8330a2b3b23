using System.Diagnostics;

namespace UeventManager.Tests.Netlink;

/// <summary>The engine's thread sleeps in these; a lost wake-up would be a daemon that hangs.</summary>
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
        Assert.Equal(1, epoll.Wait(10_000));
        Assert.Equal((LibC.EPOLLIN, ulong.MaxValue), epoll[0]);
        second.Clear();
        Assert.Equal(0, epoll.Wait(0));
        first.Signal();
        second.Signal();
        Assert.Equal(2, epoll.Wait(10_000));
        epoll.Remove(first.Descriptor);
        Assert.Equal(1, epoll.Wait(10_000));
    }

    [Fact]
    public void A_signal_after_the_end_does_nothing()
    {
        var signal = new EventFd();
        signal.Dispose();
        signal.Signal();
    }

    [Fact]
    public void A_timer_never_comes_early_and_one_in_the_past_comes_at_once()
    {
        using var epoll = new Epoll();
        using var timer = new TimerFd();
        epoll.Add(timer.Descriptor, LibC.EPOLLIN, 7);
        var due = NowUsec + 3000;
        timer.Set(due);
        Assert.Equal(1, epoll.Wait(10_000));
        Assert.True(NowUsec >= due);
        timer.Clear();
        timer.Set(0);
        Assert.Equal(1, epoll.Wait(10_000));
        timer.Set(null);
        Assert.Equal(0, epoll.Wait(0));
    }
}
