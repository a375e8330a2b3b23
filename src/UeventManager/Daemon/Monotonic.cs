using System.Diagnostics;

namespace UeventManager.Daemon;

/// <summary>CLOCK_MONOTONIC in microseconds, which Stopwatch reads on Linux: the pipeline's only clock.</summary>
internal static class Monotonic
{
    /// <summary>Identifies this clock among those of other time namespaces; null before Linux 5.6, where there is only one.</summary>
    public static string? Name { get; } = new FileInfo("/proc/self/ns/time").LinkTarget is { } link ? $"{link} {Offsets()}" : null;

    // A removed namespace's number may be reused, so the offsets are compared too.
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
