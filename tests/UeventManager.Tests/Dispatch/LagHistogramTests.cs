using UeventManager.Core.Dispatch;

namespace UeventManager.Tests.Dispatch;

/// <summary>Without these the metrics of a slow subsystem would look like those of a fast one, or need memory without limit.</summary>
public sealed class LagHistogramTests
{
    [Fact]
    public void AnEventIsCountedInTheFirstBucketThatHoldsIt()
    {
        var lags = new LagHistogram();
        foreach (var usec in new long[] { 0, 100, 101, 20_000_000 })
            lags.Count("net", usec);
        var row = Assert.Single(lags.Rows).Value;
        Assert.Equal((2, 1, 1), (row.Buckets[0], row.Buckets[1], row.Buckets[^1]));
        Assert.Equal(20_000_201, row.SumUsec);
    }

    [Fact]
    public void AShareOfTheEventsCameWithinTheBoundOfItsBucket()
    {
        var lags = new LagHistogram();
        for (var i = 0; i < 99; i++)
            lags.Count("net", 200);
        var row = Assert.Single(lags.Rows).Value;
        Assert.Equal((99, 250L), (row.Events, row.WithinUsec(99)));
        lags.Count("net", 3_000);
        Assert.Equal((250L, 5_000L), (row.WithinUsec(99), row.WithinUsec(100)));
        lags.Count("net", 20_000_000);
        Assert.Null(row.WithinUsec(100));
    }

    [Fact]
    public void BeyondTheLimitSubsystemsAreCountedTogether()
    {
        var lags = new LagHistogram();
        for (var i = 0; i < 200; i++)
            lags.Count($"s{i}", 1);
        lags.Count("s0", 1);
        Assert.Equal(LagHistogram.MaxSubsystems + 1, lags.Rows.Count());
        var rows = lags.Rows.ToDictionary();
        Assert.Equal((2, 136), (rows["s0"].Buckets[0], rows[LagHistogram.Other].Buckets[0]));
    }
}
