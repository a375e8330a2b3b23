using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.HarnessTests;

/// <summary>The reader of metrics refuses malformed text.</summary>
public sealed class OpenMetricsTests
{
    private const string Good = """
        # TYPE a counter
        # HELP a What it is.
        a_total 3
        # TYPE b_seconds histogram
        # UNIT b_seconds seconds
        # HELP b_seconds What it is.
        b_seconds_bucket{s="x\"\\y",le="0.001"} 1
        b_seconds_bucket{s="x\"\\y",le="+Inf"} 2
        b_seconds_count{s="x\"\\y"} 2
        b_seconds_sum{s="x\"\\y"} 0.5
        # EOF

        """;

    [Fact]
    public void Valid_metrics_are_accepted()
    {
        var samples = OpenMetrics.Read(Good);
        Assert.Equal((3, 5), (samples["a_total"], samples.Count));
    }

    [Theory]
    [InlineData("# EOF\n", "")]
    [InlineData("a_total 3", "a 3")]
    [InlineData("a_total 3", "a_total -3")]
    [InlineData("a_total 3", "a_total 3\na_total 3")]
    [InlineData("a_total 3", "a_total  3")]
    [InlineData("a_total 3", "a_total 3\n")]
    [InlineData("# HELP a What", "# TYPE a counter\n# HELP a What")]
    [InlineData("# HELP a What it is.\n", "")]
    [InlineData("# HELP a What it is.\na_total 3", "a_total 3\n# HELP a What it is.")]
    [InlineData("# UNIT b_seconds seconds", "# UNIT b_seconds bytes")]
    [InlineData("le=\"+Inf\"} 2", "le=\"+Inf\"} 0")]
    [InlineData("le=\"+Inf\"", "le=\"0.01\"")]
    [InlineData("_count{s=\"x\\\"\\\\y\"} 2", "_count{s=\"x\\\"\\\\y\"} 3")]
    [InlineData("{s=\"x\\\"\\\\y\",le=\"0.001\"}", "{s=\"x\\q\",le=\"0.001\"}")]
    public void Invalid_metrics_are_rejected(string right, string wrong)
    {
        Assert.Contains(right, Good, StringComparison.Ordinal);
        Assert.ThrowsAny<Exception>(() => OpenMetrics.Read(Good.Replace(right, wrong, StringComparison.Ordinal)));
    }
}
