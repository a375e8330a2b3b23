namespace UeventManager.KernelTests.Differential;

/// <summary>Promises that are not kept yet, with the reason; what is false here is not checked.</summary>
internal static class Checks
{
    /// <summary>G11 of events that wait for nothing: today they carry what the last announcement found.</summary>
    public static readonly bool PassingEventsAreFresh = Environment.GetEnvironmentVariable("UEVENT_TEST_FRESH") is not null;
}
