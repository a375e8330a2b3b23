using System.Globalization;
using UeventManager.Benchmarks.Contenders;
using UeventManager.Benchmarks.Measure;

namespace UeventManager.Benchmarks.Report;

/// <summary>On what it was measured, and how quiet that was.</summary>
internal sealed record Machine(string Date, string Kernel, string Cpu, int Cpus, string LoadBefore, string LoadAfter, double StealPercent, double BareSpread)
{
    /// <summary>Describes this machine; at the end of the run.</summary>
    public static Machine Now(string loadBefore, Noise noise, ContenderList contenders, Results results) => new(
        DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        File.ReadAllText("/proc/sys/kernel/osrelease").Trim(),
        File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(": ")[^1] ?? "unknown",
        Environment.ProcessorCount,
        loadBefore,
        Noise.LoadAverage,
        noise.StealPercent(),
        Samples.Spread(results.Of(contenders.Bare, "backToBack.p50")));

    /// <summary>One line: how far the figures can be believed.</summary>
    public string Quietness => double.IsNaN(BareSpread)
        ? $"Load average {LoadBefore} before and {LoadAfter} after; steal {StealPercent:0.0} %."
        : $"Load average {LoadBefore} before and {LoadAfter} after; steal {StealPercent:0.0} %; the bare reader's median latency differed by {100 * BareSpread:0} % between rounds.";
}
