namespace UeventManager.Sysfs;

/// <summary>A read that nobody waits for any more and that has not returned.</summary>
/// <param name="DevPath">The device.</param>
/// <param name="Path">What is being read, relative to it.</param>
/// <param name="SinceUsec">When that read began, CLOCK_MONOTONIC microseconds.</param>
internal readonly record struct StuckRead(string DevPath, string Path, long SinceUsec);
