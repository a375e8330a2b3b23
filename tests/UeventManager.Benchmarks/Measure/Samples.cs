namespace UeventManager.Benchmarks.Measure;

/// <summary>Numbers of several rounds.</summary>
internal static class Samples
{
    public static double Median(IEnumerable<double> values) => Quantile(values, 0.5);

    /// <summary>The value at a share of the sorted values; NaN of none.</summary>
    public static double Quantile(IEnumerable<double> values, double share)
    {
        var sorted = values.Where(v => !double.IsNaN(v)).Order().ToArray();
        return sorted.Length == 0 ? double.NaN : sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))];
    }

    /// <summary>How far apart rounds were: (largest − smallest) / median.</summary>
    public static double Spread(IReadOnlyCollection<double> values) =>
        values.Count == 0 ? double.NaN : (values.Max() - values.Min()) / Median(values);
}
