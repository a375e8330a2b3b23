namespace UeventManager.Core.Recording;

/// <summary>What would have happened to a device that arrived.</summary>
public enum ReplayOutcome : byte
{
    /// <summary>It was announced with nothing missing.</summary>
    Complete,

    /// <summary>It was announced with something missing.</summary>
    Incomplete,

    /// <summary>It timed out and was held.</summary>
    Held,

    /// <summary>It timed out and was dropped.</summary>
    Dropped,

    /// <summary>It was removed before it was announced.</summary>
    Gone,

    /// <summary>It still waited when the recording ended.</summary>
    Waiting,

    /// <summary>No rule matches it, so it was announced at once; perhaps before it was complete.</summary>
    NoRule,
}

/// <summary>A device that arrived in a recording, and what would have happened to it under the rules.</summary>
public sealed class ReplayedDevice
{
    /// <summary>Its devpath when it arrived.</summary>
    public required string DevPath { get; init; }

    /// <summary>Its subsystem.</summary>
    public required string Subsystem { get; init; }

    /// <summary>When its add was received.</summary>
    public required long ArrivedUsec { get; init; }

    /// <summary>Its recorded arrival; null if no look came in time.</summary>
    public Arrival? Arrival { get; init; }

    /// <summary>The rule in force, or null.</summary>
    public string? Rule { get; internal set; }

    /// <summary>What happened to it.</summary>
    public ReplayOutcome Outcome { get; internal set; } = ReplayOutcome.Waiting;

    /// <summary>When it was announced, or null.</summary>
    public long? AnnouncedUsec { get; internal set; }

    /// <summary>The transaction of the group with which it was announced; 0 if it was announced alone.</summary>
    public long Group { get; internal set; }

    /// <summary>When it was complete: when the last item of its arrival was first seen.</summary>
    public long CompleteUsec { get; internal set; }

    /// <summary>What was missing: conditions that did not hold, and names that appeared after the announcement.</summary>
    public IReadOnlyList<string> Missing { get; internal set; } = [];

    /// <summary>True if it was announced under a rule, so that it tests the rules.</summary>
    public bool IsTested => Outcome is ReplayOutcome.Complete or ReplayOutcome.Incomplete;
}

/// <summary>A question that the recording cannot answer.</summary>
/// <param name="DevPath">The device.</param>
/// <param name="Rule">The rule, if it is known; else null.</param>
/// <param name="Question">The question.</param>
public sealed record UnknownAnswer(string DevPath, string? Rule, string Question);
