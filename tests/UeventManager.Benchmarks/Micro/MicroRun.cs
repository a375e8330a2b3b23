using System.Text.Json;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;

namespace UeventManager.Benchmarks.Micro;

/// <summary>
/// Runs the micro-benchmarks and holds them against the baseline file. What an event allocates is the same on every machine and
/// must not grow; how long it takes depends on the machine and is only shown.
/// </summary>
internal static class MicroRun
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    /// <param name="arguments">The baseline file; then <c>accept</c> to write it anew.</param>
    /// <returns>The exit status: 1 if something allocates more than the baseline says.</returns>
    public static int Run(string[] arguments)
    {
        if (arguments.Length == 0)
            return Modes.Usage();
        var measured = Measure();
        if (arguments.Contains("accept"))
            File.WriteAllText(arguments[0], JsonSerializer.Serialize(measured, s_indented) + "\n");
        var baseline = JsonSerializer.Deserialize<Dictionary<string, MicroResult>>(File.ReadAllText(arguments[0])) ?? [];
        Console.WriteLine("| | ns | baseline | bytes | baseline |\n|---|---|---|---|---|");
        foreach (var (name, now) in measured)
        {
            var before = baseline.GetValueOrDefault(name);
            Console.WriteLine($"| {name} | {now.Nanoseconds:0} | {before?.Nanoseconds:0} | {now.Bytes} | {before?.Bytes} |");
        }
        var grown = measured.Where(m => baseline.GetValueOrDefault(m.Key) is not { } before || m.Value.Bytes > before.Bytes).Select(m => m.Key).ToList();
        if (grown.Count == 0)
            return 0;
        Console.Error.WriteLine($"allocates more than {arguments[0]} says, or is not in it: {string.Join(", ", grown)} (make bench-micro ACCEPT=accept writes it anew)");
        return 1;
    }

    private static SortedDictionary<string, MicroResult> Measure()
    {
        var config = ManualConfig.CreateEmpty()
            .AddJob(Job.ShortRun.WithToolchain(InProcessNoEmitToolchain.Instance))
            .AddColumnProvider(DefaultColumnProviders.Instance)
            .AddLogger(new TextLogger(Console.Error))
            .WithArtifactsPath(Path.Combine(Path.GetTempPath(), "uevent-manager-micro"));
        var summary = BenchmarkRunner.Run<HotPath>(config);
        return new(summary.Reports.ToDictionary(r => r.BenchmarkCase.Descriptor.WorkloadMethod.Name, Result), StringComparer.Ordinal);
    }

    private static MicroResult Result(BenchmarkReport report) =>
        new(Math.Round(report.ResultStatistics?.Min ?? double.NaN, 1), report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase) ?? -1);
}

/// <param name="Nanoseconds">Time of one operation in the quickest iteration: what else the machine does can only add to it.</param>
/// <param name="Bytes">Allocated by one operation.</param>
internal sealed record MicroResult(double Nanoseconds, long Bytes);
