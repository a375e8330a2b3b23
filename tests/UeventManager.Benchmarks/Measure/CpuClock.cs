using System.Runtime.InteropServices;

namespace UeventManager.Benchmarks.Measure;

/// <summary>The CPU-time clock of a process, clock_getcpuclockid(3).</summary>
internal static partial class CpuClock
{
    /// <summary>What all threads of a process have used, those included that have ended; 0 if the process is gone.</summary>
    public static long Nanoseconds(int pid) =>
        clock_getcpuclockid(pid, out var clock) == 0 && clock_gettime(clock, out var time) == 0 ? time.Seconds * 1_000_000_000 + time.Nanoseconds : 0;

    [LibraryImport("libc")]
    private static partial int clock_getcpuclockid(int pid, out int clock);

    [LibraryImport("libc")]
    private static partial int clock_gettime(int clock, out Timespec time);

    private struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
