namespace UeventManager.Netlink;

/// <summary>The time that the calling thread has run on a CPU, in microseconds; not the time for which it waited or others ran.</summary>
internal static unsafe class ThreadTime
{
    private const int ThreadClock = 3; // CLOCK_THREAD_CPUTIME_ID

    /// <summary>The time so far.</summary>
    public static long UsedUsec
    {
        get
        {
            var time = stackalloc long[2];
            return LinuxApi.clock_gettime(ThreadClock, time) == 0 ? (time[0] * 1_000_000) + (time[1] / 1000) : 0;
        }
    }
}
