using System.Diagnostics;
using UeventManager.Tests;

namespace UeventManager.KernelTests.Harness;

/// <summary>A moment by which something must have happened. Made once and handed down, so that nested waits share it.</summary>
public readonly record struct Deadline
{
    private readonly long _atTicks;

    private Deadline(TimeSpan within)
    {
        Within = within;
        _atTicks = Stopwatch.GetTimestamp() + (long)(within.TotalSeconds * Stopwatch.Frequency);
    }

    /// <summary>What was granted in all; for messages.</summary>
    public TimeSpan Within { get; }

    /// <summary>What is left, never negative.</summary>
    public TimeSpan Remaining
    {
        get
        {
            var left = TimeSpan.FromSeconds((_atTicks - Stopwatch.GetTimestamp()) / (double)Stopwatch.Frequency);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    public bool Passed => Remaining == TimeSpan.Zero;

    /// <summary>What is left in milliseconds as poll(2) wants it: rounded up, so that no wait ends before the deadline.</summary>
    public int RemainingMsec => (int)Math.Ceiling(Remaining.TotalMilliseconds);

    /// <summary>A deadline that a healthy machine never reaches; it exists so that a hang becomes a failure.</summary>
    public static Deadline Default => Seconds(20);

    /// <summary>So many seconds on an idle machine, and more where <see cref="TestTime"/> says so.</summary>
    public static Deadline Seconds(double seconds) => new(TestTime.Seconds(seconds));

    /// <summary>Exactly so long: for what is to go on for a time, not for what must not hang.</summary>
    public static Deadline Exactly(TimeSpan time) => new(time);

    public override string ToString() => $"{Within.TotalSeconds:0.###} s";
}
