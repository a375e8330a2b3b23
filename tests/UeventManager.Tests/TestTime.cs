using System.Globalization;

namespace UeventManager.Tests;

/// <summary>
/// How long the tests wait before they call something hung. Every deadline is given as what an idle machine never needs, and is multiplied
/// here, so that a slow or busy machine fails nothing.
/// </summary>
internal static class TestTime
{
    private const string Variable = "UEVENT_TEST_TIME_FACTOR";
    private const int DefaultFactor = 5;

    /// <summary>What every deadline is multiplied by: tests/run.sh multiplies those of whole runs by the same.</summary>
    public static int Factor { get; } = Read();

    /// <summary>So many seconds on an idle machine.</summary>
    public static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds * Factor);

    private static int Read()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } text)
            return DefaultFactor;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var factor) && factor > 0
            ? factor
            : throw new InvalidOperationException($"{Variable}={text}: a whole number from 1 on is needed");
    }
}
