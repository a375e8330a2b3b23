namespace UeventManager.Daemon;

/// <summary>CLOCK_REALTIME in microseconds: what people are told. Nothing waits or decides by it, for it is set and stepped.</summary>
internal static class Realtime
{
    public static long NowUsec => (DateTime.UtcNow.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
}
