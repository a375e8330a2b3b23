using System.Text;
using UeventManager.Benchmarks.Contenders;
using UeventManager.Benchmarks.Measure;
using UeventManager.Benchmarks.Scenarios;

namespace UeventManager.Benchmarks.Report;

/// <summary>The report for people.</summary>
internal sealed class MarkdownReport(Machine machine, Settings settings, ContenderList contenders, Results results)
{
    private static readonly (string Metric, string Title)[] Columns =
    [
        ("backToBack.p50", "p50 µs"), ("backToBack.p99", "p99 µs"), ("apart.p50", "2 ms apart p50"), ("apart.p99", "p99"), ("first", "first µs"),
        ("storm1000.rate", "storm, 1,000 devices /s"), ("storm1.rate", "one device /s"), ("storm100000.rate", "100,000 devices /s"), ("cpu", "CPU µs/event"), ("pssIdle", "PSS MiB"),
    ];

    private static readonly double[] s_tail = [0.5, 0.99, 0.999, 1];

    private static readonly (string Metric, string Title)[] ManyColumns =
    [
        ("to10.p50", "to 10: p50 µs"), ("to10.p99", "p99"), ("to10.rate", "storm /s"), ("to10.lost", "lost"),
        ("to100.p50", "to 100: p50 µs"), ("to100.p99", "p99"), ("to100.rate", "storm /s"), ("to100.lost", "lost"),
    ];

    private static readonly (string Metric, string Title)[] NamespaceColumns =
    [
        ("namespaces.p50", "2 ms apart p50 µs"), ("namespaces.p99", "p99"), ("beyond.p50", "beyond the daemon p50"), ("beyond.p99", "p99"), ("namespaces.lost", "lost"),
        ("namespaces.cpu", "CPU µs/event and namespace"), ("namespaces.rate", "storm /s"), ("namespaces.stormLost", "lost"), ("namespaces.pss", "PSS MiB"),
    ];

    public string Write(IReadOnlyList<Target> targets, Growth? growth)
    {
        var text = new StringBuilder();
        text.AppendLine($"Linux {machine.Kernel}, {machine.Cpu}, {machine.Cpus} CPUs, {machine.Date}. {machine.Quietness}");
        if (settings.Comparison || settings.Namespaces)
        {
            text.AppendLine($"Medians of {settings.Rounds} rounds; ratios are medians of the rounds' ratios. A round's latency is the median of {settings.Passes} passes of {settings.BackToBack:N0} events back to back, {settings.Apart:N0} events 2 ms apart. {Storms}");
            WriteTargets(text, targets);
        }
        if (settings.Namespaces)
            WriteTable(text, "Network namespaces with a client in each: until the last has it; forward's CPU is its own, without the daemon's", NamespaceColumns, contenders.Namespaces.Select(one => one.Contender));
        if (settings.Comparison)
        {
            WriteTails(text);
            WriteTable(text, "One subscriber", Columns, contenders.All);
            WriteTable(text, "More subscribers: until the last has it; a storm to a hundred has a tenth of the events", ManyColumns, contenders.All.Where(c => c.ServesMany));
            WriteLongStorm(text);
        }
        growth?.WriteTable(text);
        return text.ToString();
    }

    private static void WriteTargets(StringBuilder text, IReadOnlyList<Target> targets)
    {
        text.AppendLine().AppendLine("| what | target | figure | met |").AppendLine("|---|---|---|---|");
        foreach (var target in targets)
            text.AppendLine($"| {target.What} | {target.Wanted} | {target.Figure} | {target.IsMet switch { true => "yes", false => "**no**", null => "–" }} |");
    }

    private void WriteTable(StringBuilder text, string title, (string Metric, string Title)[] columns, IEnumerable<Contender> rows)
    {
        text.AppendLine().AppendLine($"{title}:").AppendLine();
        text.AppendLine($"| | {string.Join(" | ", columns.Select(c => c.Title))} |");
        text.AppendLine($"|---|{string.Concat(columns.Select(_ => "---|"))}");
        foreach (var row in rows)
            text.AppendLine($"| {row.Name} | {string.Join(" | ", columns.Select(c => Target.Number(results.Median(row, c.Metric))))} |");
    }

    private string Storms =>
        $"Storms of {settings.Storm:N0} events; udevd's{(settings.UdevWholeStorm ? " with default rules" : "")} {settings.Storm / Comparison.ManyDivisor:N0}, on one device {settings.Storm / Comparison.OneDivisor:N0}.";

    // The medians of the passes leave out what else stopped the machine; this leaves out nothing.
    private void WriteTails(StringBuilder text)
    {
        text.AppendLine().AppendLine("Every single event of all rounds and passes, µs:").AppendLine();
        text.AppendLine("| | back to back p50 | p99 | p99.9 | most | 2 ms apart p50 | p99 | p99.9 | most |").AppendLine("|---|---|---|---|---|---|---|---|---|");
        foreach (var contender in contenders.All)
            text.AppendLine($"| {contender.Name} | {Tail(results.Latencies(contender, "backToBack"))} | {Tail(results.Latencies(contender, "apart"))} |");
    }

    private static string Tail(IReadOnlyList<double> usec) => string.Join(" | ", s_tail.Select(share => Target.Number(Samples.Quantile(usec, share))));

    private void WriteLongStorm(StringBuilder text)
    {
        text.AppendLine().AppendLine($"{settings.LongStorm:N0} events as fast as they can be sent:").AppendLine();
        text.AppendLine("| | sent /s | delivered /s | lost | peak PSS MiB |").AppendLine("|---|---|---|---|---|");
        foreach (var contender in contenders.All.Where(c => results.Of(c, "long.lost").Count > 0))
            text.AppendLine($"| {contender.Name} | {Number(contender, "long.sendRate")} | {Number(contender, "long.rate")} | {Number(contender, "long.lost")} | {Number(contender, "pssPeak")} |");
    }

    private string Number(Contender contender, string metric) => Target.Number(results.Median(contender, metric));
}
