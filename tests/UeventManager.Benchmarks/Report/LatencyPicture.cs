using UeventManager.Benchmarks.Contenders;

namespace UeventManager.Benchmarks.Report;

/// <summary>Percentiles of the latency back to back: half, nine tenths, 99 and 99.9 of a hundred equally far apart.</summary>
internal static class LatencyPicture
{
    // Position across by "nines": 0.5 is 0.3, 0.9 is 1, 0.99 is 2, 0.999 is 3.
    private const double Nines = 3;
    private const int Points = 60;
    private const string Metric = "backToBack";

    public static string Draw(Machine machine, ContenderList contenders, Results results)
    {
        double[] labelled = [0.5, 0.75, 0.9, 0.99, 0.999];
        var picture = new Picture(
            "Latency of an event to one subscriber, back to back",
            $"Linux {machine.Kernel}, {machine.Cpu}, {machine.Date}",
            [.. labelled.Select(p => (-Math.Log10(1 - p) / Nines, $"p{p * 100:0.#}"))],
            "µs");
        return picture.Draw([.. contenders.All.Where(c => results.Latencies(c, Metric).Count > 0).Select(c => (c.Name, Percentiles(results.Latencies(c, Metric))))]);
    }

    private static IReadOnlyList<(double At, double Value)> Percentiles(IReadOnlyList<double> values)
    {
        var sorted = values.Order().ToArray();
        return [.. Enumerable.Range(0, Points + 1).Select(i => (double)i / Points).Select(at => (at, sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * (1 - Math.Pow(10, -at * Nines))))]))];
    }
}
