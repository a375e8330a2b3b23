namespace UeventManager.Commands.Terminal;

/// <summary>Converts the daemon's CLOCK_MONOTONIC to local time. TimeProvider's timestamps are that clock on Linux.</summary>
/// <param name="time">The clocks.</param>
/// <param name="daemonUsec">The daemon's CLOCK_MONOTONIC now, in microseconds, because it may run in another time namespace; null for the caller's own.</param>
internal sealed class EventClock(TimeProvider time, long? daemonUsec = null)
{
    private readonly long _aheadUsec = daemonUsec is { } usec ? usec - NowUsec(time) : 0;

    /// <summary>A time as local time.</summary>
    /// <param name="usec">CLOCK_MONOTONIC in microseconds.</param>
    /// <returns>As <c>14:03:09.512</c>.</returns>
    public string Format(long usec) => $"{time.GetLocalNow() - Ago(usec):HH:mm:ss.fff}";

    /// <summary>A time as local time.</summary>
    /// <param name="usec">CLOCK_MONOTONIC in microseconds.</param>
    /// <param name="realtimeUsec">The wall clock at that time, in microseconds; null to compute it, which is wrong after a suspend or a step of the
    /// clock.</param>
    /// <returns>As <c>14:03:09.512</c>, with the date if it was another day.</returns>
    public string Format(long usec, long? realtimeUsec)
    {
        if (realtimeUsec is not > 0)
            return Format(usec);
        DateTimeOffset then = Moment(usec, realtimeUsec);
        return then.Date == time.GetLocalNow().Date ? $"{then:HH:mm:ss.fff}" : $"{then:yyyy-MM-dd HH:mm:ss.fff}";
    }

    /// <summary>A time as local time.</summary>
    /// <param name="usec">CLOCK_MONOTONIC in microseconds.</param>
    /// <param name="realtimeUsec">The wall clock at that time, in microseconds; null to compute it.</param>
    public DateTimeOffset Moment(long usec, long? realtimeUsec) => realtimeUsec is > 0
        ? TimeZoneInfo.ConvertTime(DateTimeOffset.UnixEpoch.AddMicroseconds(realtimeUsec.Value), time.LocalTimeZone)
        : time.GetLocalNow() - Ago(usec);

    /// <summary>A template's field for a time: <c>time</c>, <c>date</c> or <c>timestamp</c>; null for any other field.</summary>
    /// <param name="name">The field.</param>
    /// <param name="usec">CLOCK_MONOTONIC in microseconds.</param>
    /// <param name="realtimeUsec">The wall clock at that time, in microseconds; null to compute it.</param>
    public string? Field(string name, long usec, long? realtimeUsec) => name switch
    {
        "time" => Format(usec, realtimeUsec),
        "date" => $"{Moment(usec, realtimeUsec):yyyy-MM-dd}",
        "timestamp" => $"{Moment(usec, realtimeUsec):yyyy-MM-dd'T'HH:mm:ss.ffffffzzz}",
        _ => null,
    };

    /// <summary>The age of a time.</summary>
    /// <param name="usec">CLOCK_MONOTONIC in microseconds.</param>
    /// <returns>The time since.</returns>
    public TimeSpan Ago(long usec) => TimeSpan.FromMicroseconds(NowUsec(time) + _aheadUsec - usec);

    private static long NowUsec(TimeProvider time) => (long)(time.GetTimestamp() / (double)time.TimestampFrequency * 1e6);
}
