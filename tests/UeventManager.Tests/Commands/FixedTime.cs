namespace UeventManager.Tests.Commands;

/// <summary>It is 12:00:10 on a machine that was started ten seconds ago.</summary>
internal sealed class FixedTime : TimeProvider
{
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long TimestampFrequency => 1_000_000_000;

    public override DateTimeOffset GetUtcNow() => new(2026, 1, 2, 12, 0, 10, TimeSpan.Zero);

    public override long GetTimestamp() => 10_000_000_000;
}
