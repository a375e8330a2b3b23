using System.Diagnostics;

namespace UeventManager.Daemon;

/// <summary>CLOCK_MONOTONIC in microseconds, which Stopwatch reads on Linux: the only clock of the pipeline.</summary>
internal static class Monotonic
{
    /// <summary>What tells this clock from that of another time namespace; null before Linux 5.6, where there is one for all.</summary>
    public static string? Name { get; } = new FileInfo("/proc/self/ns/time").LinkTarget;

    public static long NowUsec => Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000);
}
