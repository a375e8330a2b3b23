using System.Globalization;

namespace UeventManager.KernelTests.Harness;

/// <summary><c>make soak</c> gives some tests more time, or more devices.</summary>
public static class Soak
{
    /// <summary>Seconds for each such test; null in <c>make test</c>.</summary>
    public static int? Seconds { get; } =
        Environment.GetEnvironmentVariable("UEVENT_TEST_FUZZ_SECONDS") is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
