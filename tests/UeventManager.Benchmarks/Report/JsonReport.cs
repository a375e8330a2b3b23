using System.Text.Json;
using UeventManager.Benchmarks.Measure;

namespace UeventManager.Benchmarks.Report;

/// <summary>The report for programs: every round of every metric.</summary>
internal static class JsonReport
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public static string Write(Machine machine, Results results, IReadOnlyList<Target> targets) => JsonSerializer.Serialize(
        new
        {
            machine.Date,
            machine.Kernel,
            machine.Cpu,
            machine.Cpus,
            machine.LoadBefore,
            machine.LoadAfter,
            StealPercent = Finite(machine.StealPercent),
            BareReaderSpread = Finite(machine.BareSpread),
            Targets = targets,
            Metrics = results.All.Select(m => new { m.Contender, m.Metric, Median = Finite(Samples.Median(m.Rounds)), Rounds = m.Rounds.Select(Finite) }),
        },
        s_indented);

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
