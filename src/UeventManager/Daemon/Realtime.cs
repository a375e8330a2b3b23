namespace UeventManager.Daemon;

/// <summary>CLOCK_REALTIME in microseconds, only for display: it can be set, so no wait or decision depends on it.</summary>
internal static class Realtime
{
    public static long NowUsec => (DateTime.UtcNow.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
}
