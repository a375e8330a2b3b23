using System.Diagnostics;

namespace UeventManager.Benchmarks;

/// <summary>Says on standard error what is being done.</summary>
internal static class Progress
{
    private static readonly Stopwatch s_clock = Stopwatch.StartNew();

    /// <summary>How long this run has taken so far.</summary>
    public static TimeSpan Elapsed => s_clock.Elapsed;

    public static void Say(string what) => Console.Error.WriteLine($"[{s_clock.Elapsed:mm\\:ss}] {what}");
}
