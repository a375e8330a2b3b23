using System.Text;

namespace UeventManager.Benchmarks.Report;

/// <summary>How the cost grows with how much there is of something.</summary>
internal sealed class Growth
{
    private readonly List<GrowthPoint> _points = [];

    public void Add(GrowthPoint point) => _points.Add(point);

    public void WriteTable(StringBuilder text)
    {
        text.AppendLine().AppendLine("How the cost grows:").AppendLine();
        text.AppendLine("| number of | is | latency p50 µs | p99 µs | CPU µs/event | CPU at rest % | PSS MiB |").AppendLine("|---|---|---|---|---|---|---|");
        foreach (var p in _points)
            text.AppendLine($"| {p.Of} | {p.Count:N0} | {Target.Number(p.P50)} | {Target.Number(p.P99)} | {Target.Number(p.CpuUsec)} | {Target.Number(p.RestPercent)} | {Target.Number(p.PssMib)} |");
    }

    /// <summary>One picture of one of the costs.</summary>
    public string Draw(Machine machine, string title, string unit, Func<GrowthPoint, double> cost)
    {
        const double Decades = 5;
        var picture = new Picture(title, $"Linux {machine.Kernel}, {machine.Cpu}, {machine.Date}", [.. Enumerable.Range(0, 6).Select(p => (p / Decades, $"{Math.Pow(10, p):N0}"))], unit);
        return picture.Draw([.. _points.GroupBy(p => p.Of).Select(g => (g.Key, (IReadOnlyList<(double, double)>)[.. g.Select(p => (Math.Log10(p.Count) / Decades, cost(p)))]))]);
    }

    public void AddTo(Results results)
    {
        foreach (var p in _points)
        {
            foreach (var (name, value) in new[] { ("p50", p.P50), ("p99", p.P99), ("cpu", p.CpuUsec), ("rest", p.RestPercent), ("pss", p.PssMib) })
                results.Add($"UeventManager, {p.Count} {p.Of}", $"growth.{name}", value);
        }
    }
}

/// <param name="Of">Of what.</param>
/// <param name="Count">How many.</param>
/// <param name="P50">Latency, microseconds; to the last subscriber.</param>
/// <param name="P99">The same.</param>
/// <param name="CpuUsec">CPU per event in a storm, microseconds.</param>
/// <param name="RestPercent">CPU while nothing is sent, per cent of one core.</param>
/// <param name="PssMib">Memory.</param>
internal sealed record GrowthPoint(string Of, int Count, double P50, double P99, double CpuUsec, double RestPercent, double PssMib);
