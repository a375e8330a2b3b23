using System.Diagnostics;

namespace UeventManager.Daemon;

/// <summary>CLOCK_MONOTONIC in microseconds, which Stopwatch reads on Linux: the only clock of the pipeline.</summary>
internal static class Monotonic
{
    /// <summary>What tells this clock from that of another time namespace; null before Linux 5.6, where there is one for all.</summary>
    public static string? Name { get; } = new FileInfo("/proc/self/ns/time").LinkTarget is { } link ? $"{link} {Offsets()}" : null;

    // The number of a namespace that has gone may be given again: then the offsets tell.
    private static string Offsets()
    {
        try
        {
            return string.Join(' ', File.ReadAllText("/proc/self/timens_offsets").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    public static long NowUsec => Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000);
}
