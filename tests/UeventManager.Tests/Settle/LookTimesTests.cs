using UeventManager.Core.Settle;

namespace UeventManager.Tests.Settle;

/// <summary>A path that appears t after an event's arrival is promised to be seen within max(1 ms, 10 % of t).</summary>
public sealed class LookTimesTests
{
    private const long Arrived = 1_000_000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void No_interval_is_longer_than_what_is_promised(bool eager)
    {
        var now = Arrived;
        while (now < Arrived + 600_000_000)
        {
            var next = LookTimes.Next(Arrived, now, long.MaxValue, eager);
            Assert.True(next > now, $"looks do not go on after {now - Arrived} µs");
            Assert.True(next - now <= Math.Max(1000, (now - Arrived) / 10), $"an interval of {next - now} µs after {now - Arrived} µs");
            now = next;
        }
    }

    [Fact]
    public void While_few_devices_wait_an_interval_is_short_for_seconds_and_never_longer_than_among_many()
    {
        for (long waited = 0; waited < 600_000_000; waited += 100 + (waited / 50))
        {
            var now = Arrived + waited;
            var interval = LookTimes.Next(Arrived, now, long.MaxValue, eager: true) - now;
            Assert.InRange(interval, LookTimes.ShortestUsec, LookTimes.Next(Arrived, now, long.MaxValue, eager: false) - now);
            Assert.True(interval <= Math.Max(LookTimes.EagerUsec, waited / 1000), $"an interval of {interval} µs after {waited} µs");
        }
    }

    // 600 s would be 6,000,000 looks if the intervals did not grow.
    [Theory]
    [InlineData(false, 300)]
    [InlineData(true, 6_500)]
    public void Ten_minutes_take_few_looks(bool eager, int most)
    {
        var looks = 0;
        for (var now = Arrived; now < Arrived + 600_000_000; looks++)
            now = LookTimes.Next(Arrived, now, long.MaxValue, eager);
        Assert.InRange(looks, 50, most);
    }

    [Theory]
    [InlineData(5_000_000)]
    [InlineData(1_000)]
    [InlineData(100)]
    public void The_last_look_is_just_before_the_deadline_and_none_comes_later(long timeout)
    {
        var deadline = Arrived + timeout;
        long now = Arrived, before = 0;
        while (now < deadline)
            (before, now) = (now, LookTimes.Next(Arrived, now, deadline, eager: false));
        Assert.Equal(deadline, now);
        Assert.InRange(deadline - before, 1, Math.Min(timeout, LookTimes.BeforeDeadlineUsec));
    }

    [Fact]
    public void A_look_that_cannot_be_made_is_tried_again_at_intervals_within_bounds()
    {
        for (long since = 0; since < 60_000_000; since += 100_000)
            Assert.InRange(LookTimes.Retry(Arrived, Arrived + since) - (Arrived + since), LookTimes.ShortestRetryUsec, LookTimes.LongestRetryUsec);
    }
}
