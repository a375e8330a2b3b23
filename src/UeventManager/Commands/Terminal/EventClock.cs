namespace UeventManager.Commands.Terminal;

/// <summary>Turns the daemon's CLOCK_MONOTONIC into what a watch shows. TimeProvider's timestamps are that clock on Linux.</summary>
/// <param name="time">The clocks.</param>
internal sealed class EventClock(TimeProvider time)
{
    /// <summary>When something was, in local time.</summary>
    /// <param name="usec">CLOCK_MONOTONIC in microseconds.</param>
    /// <returns>As <c>14:03:09.512</c>.</returns>
    public string Format(long usec) => $"{time.GetLocalNow() - Ago(usec):HH:mm:ss.fff}";

    /// <summary>When something was, in local time.</summary>
    /// <param name="usec">CLOCK_MONOTONIC in microseconds.</param>
    /// <param name="realtimeUsec">The wall clock of then; null to reckon back, which a suspend or a step of the clock makes wrong.</param>
    /// <returns>As <c>14:03:09.512</c>, with the date if it was another day.</returns>
    public string Format(long usec, long? realtimeUsec)
    {
        if (realtimeUsec is not > 0)
            return Format(usec);
        DateTimeOffset then = Moment(usec, realtimeUsec);
        return then.Date == time.GetLocalNow().Date ? $"{then:HH:mm:ss.fff}" : $"{then:yyyy-MM-dd HH:mm:ss.fff}";
    }

    /// <summary>When something was, in local time.</summary>
    /// <param name="usec">CLOCK_MONOTONIC in microseconds.</param>
    /// <param name="realtimeUsec">The wall clock of then; null to reckon back.</param>
    public DateTimeOffset Moment(long usec, long? realtimeUsec) => realtimeUsec is > 0
        ? TimeZoneInfo.ConvertTime(DateTimeOffset.UnixEpoch.AddMicroseconds(realtimeUsec.Value), time.LocalTimeZone)
        : time.GetLocalNow() - Ago(usec);

    /// <summary>A field of a line's template that says when something was: <c>time</c>, <c>date</c> or <c>timestamp</c>; null for any other.</summary>
    /// <param name="name">The field.</param>
    /// <param name="usec">CLOCK_MONOTONIC in microseconds.</param>
    /// <param name="realtimeUsec">The wall clock of then; null to reckon back.</param>
    public string? Field(string name, long usec, long? realtimeUsec) => name switch
    {
        "time" => Format(usec, realtimeUsec),
        "date" => $"{Moment(usec, realtimeUsec):yyyy-MM-dd}",
        "timestamp" => $"{Moment(usec, realtimeUsec):yyyy-MM-dd'T'HH:mm:ss.ffffffzzz}",
        _ => null,
    };

    /// <summary>How long ago something was.</summary>
    /// <param name="usec">CLOCK_MONOTONIC in microseconds.</param>
    /// <returns>The time since.</returns>
    public TimeSpan Ago(long usec)
    {
        long now = (long)(time.GetTimestamp() / (double)time.TimestampFrequency * 1e6);
        return TimeSpan.FromMicroseconds(now - usec);
    }
}
