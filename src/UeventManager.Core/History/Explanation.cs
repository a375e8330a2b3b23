using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;

namespace UeventManager.Core.History;

/// <summary>Explains why a device has been announced, or not.</summary>
/// <param name="State">The state; null for a removed device.</param>
/// <param name="RuleName">The rule in force at the last look, or the rule that announced the device; null if none.</param>
/// <param name="Rule">That rule as written; null if it is no longer in force.</param>
/// <param name="Conditions">The rule's conditions.</param>
/// <param name="Hold">The other device that holds it, and the reason.</param>
/// <param name="WaitsFor">All reasons besides the conditions why it waits, for people.</param>
/// <param name="Unfinished">The missing conditions of a change that waits or was dropped; null if there is none.</param>
/// <param name="History">Its moments, oldest first.</param>
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
    /// <summary>The source of what is known of udev about the device; null if no rule asks udev.</summary>
    public string? Udev { get; init; }
}

/// <summary>One condition as of the last look.</summary>
/// <param name="Text">The condition as text.</param>
/// <param name="Held">Whether it held.</param>
/// <param name="IsOptional">True if it is required only for a while.</param>
/// <param name="Seen">The value read when it began to hold, or at the last look; null if there is nothing to show.</param>
/// <param name="HeldSinceUsec">The time since which it has held, in CLOCK_MONOTONIC microseconds; 0 if it does not hold, or the time is
/// forgotten.</param>
/// <param name="Looks">The number of looks at it; 0 if forgotten.</param>
public sealed record ExplainedCondition(string Text, bool Held, bool IsOptional, string? Seen, long HeldSinceUsec, int Looks);
