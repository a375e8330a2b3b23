using System.Diagnostics;

namespace UeventManager.Daemon;

/// <summary>CLOCK_MONOTONIC in microseconds, which Stopwatch reads on Linux: the only clock of the pipeline.</summary>
internal static class Monotonic
{
    public static long NowUsec => Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000);
}
