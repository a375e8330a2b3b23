using System.Diagnostics;

namespace UeventManager.KernelTests.Harness;

/// <summary>The clock of the protocol's times: CLOCK_MONOTONIC, which is also Stopwatch's on Linux.</summary>
public static class MonotonicClock
{
    public static long Usec => (long)(Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1e6));
}
