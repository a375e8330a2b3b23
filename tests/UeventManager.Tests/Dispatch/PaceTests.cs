using UeventManager.Core.Dispatch;
using UeventManager.Core.Rules;

namespace UeventManager.Tests.Dispatch;

/// <summary>A subscriber that reads loses nothing in a storm, and one that does not read delays no other for long.</summary>
public sealed class PaceTests
{
    private readonly StreamWorld _world = new();
    private long _now = 1_000_000;

    private Pace Pace => _world.Publisher.Pace;

    [Fact]
    public void The_daemon_does_not_wait_for_a_subscriber_close_behind()
    {
        Subscribe();
        Publish(SubscriberStream.FarEvents);
        Assert.False(Pace.ShouldWait(_now));
        Publish(1);
        Assert.True(Pace.ShouldWait(_now));
    }

    [Fact]
    public void The_daemon_waits_for_a_fast_reader_as_long_as_necessary()
    {
        var stream = Subscribe();
        var taken = 0;
        // Made twice as fast as they are read, 100,000 a second: the queue would overflow after a sixth of a second.
        for (var round = 0; round < 2_000; round++)
        {
            if (!Pace.ShouldWait(_now))
                Publish(200);
            _now += 1_000;
            taken += Take(stream, 100);
        }
        Assert.Equal(0, stream.Gaps);
        Assert.InRange(taken, 199_000, 201_000);
        Assert.InRange(Pace.WaitedUsec, 900_000, 1_100_000);
    }

    [Fact]
    public void A_subscriber_that_has_read_everything_waits_for_no_other()
    {
        var slow = Subscribe();
        var quick = Subscribe();
        var hasRead = false;
        quick.IsNearlyRead = () => hasRead;
        Publish(SubscriberStream.FarEvents + 100);
        Assert.True(Pace.ShouldWait(_now));
        Take(quick, SubscriberStream.FarEvents + 100);
        // What it was given is still in its socket: nothing is late for it.
        Assert.True(Pace.ShouldWait(_now));
        hasRead = true;
        Assert.False(Pace.ShouldWait(_now));
        Publish(1);
        Assert.True(Pace.ShouldWait(_now));
        Assert.True(slow.QueuedEvents > SubscriberStream.FarEvents);
        // Who wants none of it has read everything too.
        _ = StreamWorld.Read(_world.Publisher.Subscribe(new DeviceFilter { Subsystems = [Glob.Parse("none")] }, stateless: true, unsettled: false, null));
        Assert.False(Pace.ShouldWait(_now));
    }

    [Fact]
    public void The_daemon_waits_once_and_briefly_for_a_subscriber_that_reads_nothing()
    {
        var stream = Subscribe();
        Storm(milliseconds: 2_000, perMillisecond: 200, () => { });
        Assert.InRange(Pace.WaitedUsec, 1, Pace.InVainUsec + 1_000);
        Assert.Equal("subscriberTooSlow", StreamWorld.Read(stream)[0].GetProperty("gap").GetProperty("reason").GetString());
    }

    [Fact]
    public void The_daemon_waits_for_a_slow_reader_in_proportion_to_its_reading()
    {
        var stream = Subscribe();
        var rounds = 0;
        // A tenth of what is asked of a reader.
        const int Bytes = Pace.LeastBytesPerSecond / 1_000 / 10;
        Storm(milliseconds: 2_000, perMillisecond: 200, () =>
        {
            if (++rounds % 50 == 0)
                Take(stream, 1, 50 * Bytes);
        });
        Assert.InRange(Pace.WaitedUsec, 1, Pace.SubscriberUsec + (2_000_000 / 10) + 1_000);
    }

    [Fact]
    public void Many_slow_subscribers_together_cannot_delay_events_one_after_another()
    {
        var crowd = Enumerable.Range(0, 100).Select(_ => Subscribe()).ToList();
        Publish(SubscriberStream.FarEvents + 100);
        foreach (var stream in crowd)
        {
            // It reads just enough to be worth all that one may have, and stays far behind.
            Take(stream, 1, (int)Pace.SubscriberUsec * (Pace.LeastBytesPerSecond / 1_000_000));
            while (Pace.ShouldWait(_now))
                _now += 1_000;
        }
        Assert.InRange(Pace.WaitedUsec, Pace.SubscriberUsec, Pace.TotalUsec + 1_000);
    }

    [Fact]
    public void Time_that_is_not_spent_waiting_does_not_count()
    {
        Subscribe();
        Publish(SubscriberStream.FarEvents + 1);
        Assert.True(Pace.ShouldWait(_now));
        Pace.GoOn(_now + 100);
        Pace.GoOn(_now + 10_000);
        Assert.Equal(100, Pace.WaitedUsec);
        // The machine had other work: that is nobody's fault.
        Assert.True(Pace.ShouldWait(_now + 20_000));
        Pace.GoOn(_now + 1_000_000);
        Assert.Equal(100 + Pace.OnceUsec, Pace.WaitedUsec);
    }

    private SubscriberStream Subscribe()
    {
        var stream = _world.Publisher.Subscribe(null, stateless: true, unsettled: false, null);
        _ = StreamWorld.Read(stream);
        return stream;
    }

    private void Storm(int milliseconds, int perMillisecond, Action meanwhile)
    {
        for (var i = 0; i < milliseconds; i++)
        {
            if (!Pace.ShouldWait(_now))
                Publish(perMillisecond);
            _now += 1_000;
            meanwhile();
        }
    }

    private void Publish(int events)
    {
        for (var i = 0; i < events; i++)
            _world.Uevent("change", "/devices/virtual/net/a");
    }

    // What a client takes in one piece, at most so many events; the bytes are those of a real subscriber's events unless said otherwise.
    private static int Take(SubscriberStream stream, int events, int bytes = 0)
    {
        var position = stream.SharedPosition;
        var taken = (int)Math.Min(events, stream.QueuedEvents);
        if (taken == 0)
            return 0;
        stream.Advance(position + taken, stream.QueuedBytes * taken / stream.QueuedEvents);
        stream.Took(bytes == 0 ? taken * 500 : bytes);
        return taken;
    }
}
