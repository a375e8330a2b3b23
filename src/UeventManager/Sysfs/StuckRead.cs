namespace UeventManager.Sysfs;

/// <summary>An abandoned read that has not returned.</summary>
/// <param name="DevPath">The device's devpath.</param>
/// <param name="Path">The path being read, relative to the device.</param>
/// <param name="SinceUsec">The beginning of the read, in CLOCK_MONOTONIC microseconds.</param>
internal readonly record struct StuckRead(string DevPath, string Path, long SinceUsec);
