using UeventManager.Benchmarks.Contenders;
using UeventManager.Benchmarks.Measure;

namespace UeventManager.Benchmarks;

/// <summary>What was measured: a number for each contender, metric and round, and all latencies for the picture.</summary>
internal sealed class Results
{
    private readonly Dictionary<(string Contender, string Metric), List<double>> _rounds = [];
    private readonly Dictionary<(string Contender, string Metric), List<double>> _latencies = [];

    /// <summary>Everything, in the order in which it was first measured.</summary>
    public IEnumerable<(string Contender, string Metric, IReadOnlyList<double> Rounds)> All =>
        _rounds.Select(e => (e.Key.Contender, e.Key.Metric, (IReadOnlyList<double>)e.Value));

    public void Add(Contender contender, string metric, double value) => Add(contender.Name, metric, value);

    public void Add(string contender, string metric, double value)
    {
        if (!_rounds.TryGetValue((contender, metric), out var values))
            _rounds[(contender, metric)] = values = [];
        values.Add(value);
    }

    /// <summary>Adds every single latency, microseconds.</summary>
    public void AddLatencies(Contender contender, string metric, IEnumerable<double> usec)
    {
        if (!_latencies.TryGetValue((contender.Name, metric), out var all))
            _latencies[(contender.Name, metric)] = all = [];
        all.AddRange(usec);
    }

    /// <summary>Every single latency of all rounds and passes, microseconds.</summary>
    public IReadOnlyList<double> Latencies(Contender contender, string metric) => _latencies.GetValueOrDefault((contender.Name, metric)) ?? [];

    /// <summary>The rounds of a metric.</summary>
    public IReadOnlyList<double> Of(Contender contender, string metric) => Of(contender.Name, metric);

    public IReadOnlyList<double> Of(string contender, string metric) => _rounds.GetValueOrDefault((contender, metric)) ?? [];

    /// <summary>The median of the rounds; NaN if it was not measured.</summary>
    public double Median(Contender contender, string metric) => Samples.Median(Of(contender, metric));

    public double Median(string contender, string metric) => Samples.Median(Of(contender, metric));

    /// <summary>The median of the rounds' ratios: a round in which the machine was slow was slow for both.</summary>
    public double Ratio(Contender above, Contender below, string metric) =>
        Samples.Median(Of(above, metric).Zip(Of(below, metric), (a, b) => a / b));
}
