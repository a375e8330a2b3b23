using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;

namespace UeventManager.Core.History;

/// <summary>Why a device has come, or has not.</summary>
/// <param name="State">Where it is in its life; null if it has gone.</param>
/// <param name="RuleName">The rule in force at the last look, or that announced it; null if none.</param>
/// <param name="Rule">The same as it is written; null if it is in force no more.</param>
/// <param name="Conditions">Its conditions.</param>
/// <param name="Hold">Which other device keeps it besides them, and why.</param>
/// <param name="WaitsFor">All that keeps it besides them, for people.</param>
/// <param name="Unfinished">What a change misses that is not delivered, or was dropped; null if there is none.</param>
/// <param name="History">What happened to it, oldest first.</param>
public sealed record Explanation(
    DeviceState? State,
    string? RuleName,
    Rule? Rule,
    IReadOnlyList<ExplainedCondition> Conditions,
    Hold Hold,
    IReadOnlyList<string> WaitsFor,
    IReadOnlyList<string>? Unfinished,
    IReadOnlyList<DeviceMoment> History)
{
    /// <summary>How it is known what udev has said of it; null if no rule has asked.</summary>
    public string? Udev { get; init; }
}

/// <summary>One condition as of the last look.</summary>
/// <param name="Text">What it asks.</param>
/// <param name="Held">Whether it held.</param>
/// <param name="IsOptional">True if it is only required for a while.</param>
/// <param name="Seen">What was read: when it began to hold, or at the last look; null if there is nothing to say.</param>
/// <param name="HeldSinceUsec">Since when it has held, CLOCK_MONOTONIC microseconds; 0 if it does not, or nobody remembers.</param>
/// <param name="Looks">How often it was looked at; 0 if nobody remembers.</param>
public sealed record ExplainedCondition(string Text, bool Held, bool IsOptional, string? Seen, long HeldSinceUsec, int Looks);
