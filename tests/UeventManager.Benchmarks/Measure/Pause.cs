using System.Diagnostics;

namespace UeventManager.Benchmarks.Measure;

/// <summary>Lets time pass.</summary>
internal static class Pause
{
    private static readonly ManualResetEvent s_never = new(false);

    public static void For(TimeSpan time) => s_never.WaitOne(time);

    /// <summary>Until the start is over: what is still to be done after READY, as by a runtime that compiles again what was called often, is the start's.</summary>
    public static void UntilStarted() => For(TimeSpan.FromSeconds(2));

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
