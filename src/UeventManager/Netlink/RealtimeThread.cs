namespace UeventManager.Netlink;

/// <summary>Makes the calling thread run before all ordinary ones, if that is allowed (CAP_SYS_NICE). Such a thread must never spin.</summary>
internal static unsafe class RealtimeThread
{
    private const int LeastPriority = 1;

    /// <summary>Begins real-time scheduling.</summary>
    /// <returns>False if it is not allowed: the thread then stays ordinary.</returns>
    public static bool TryBegin() => TrySet(LinuxApi.SCHED_RR, LeastPriority);

    /// <summary>Returns to ordinary scheduling.</summary>
    public static void End() => _ = TrySet(LinuxApi.SCHED_OTHER, 0);

    // Threads that it starts are ordinary ones.
    private static bool TrySet(int policy, int priority) => LinuxApi.sched_setscheduler(0, policy | LinuxApi.SCHED_RESET_ON_FORK, &priority) == 0;
}
