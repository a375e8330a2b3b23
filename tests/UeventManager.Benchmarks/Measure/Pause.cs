using System.Diagnostics;

namespace UeventManager.Benchmarks.Measure;

/// <summary>Lets time pass.</summary>
internal static class Pause
{
    private static readonly ManualResetEvent s_never = new(false);

    public static void For(TimeSpan time) => s_never.WaitOne(time);

    /// <summary>Until something holds.</summary>
    /// <exception cref="TimeoutException">It did not within half a minute.</exception>
    public static void Until(Func<bool> holds, string what)
    {
        var clock = Stopwatch.StartNew();
        while (!holds())
        {
            if (clock.Elapsed > TimeSpan.FromSeconds(30))
                throw new TimeoutException($"{what}: not within 30 s");
            For(TimeSpan.FromMilliseconds(5));
        }
    }
}
