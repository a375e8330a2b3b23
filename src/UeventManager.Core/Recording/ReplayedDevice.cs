namespace UeventManager.Core.Recording;

/// <summary>What would have become of a device that arrived.</summary>
public enum ReplayOutcome : byte
{
    /// <summary>It was announced when nothing was missing.</summary>
    Complete,

    /// <summary>It was announced while something was missing.</summary>
    Incomplete,

    /// <summary>Its time was over, and it was held.</summary>
    Held,

    /// <summary>Its time was over, and it was dropped.</summary>
    Dropped,

    /// <summary>It went before it was announced.</summary>
    Gone,

    /// <summary>It waited when the recording ended.</summary>
    Waiting,

    /// <summary>No rule is for it: it was announced at once.</summary>
    NoRule,
}

/// <summary>A device that arrived in a recording, and what the rules would have done with it.</summary>
public sealed class ReplayedDevice
{
    /// <summary>Its devpath, as of its arrival.</summary>
    public required string DevPath { get; init; }

    /// <summary>Its subsystem.</summary>
    public required string Subsystem { get; init; }

    /// <summary>When its add was received.</summary>
    public required long ArrivedUsec { get; init; }

    /// <summary>What was seen of it; null if nobody had looked in time.</summary>
    public Arrival? Arrival { get; init; }

    /// <summary>The rule in force, or null.</summary>
    public string? Rule { get; internal set; }

    /// <summary>What became of it.</summary>
    public ReplayOutcome Outcome { get; internal set; } = ReplayOutcome.Waiting;

    /// <summary>When it was announced, or null.</summary>
    public long? AnnouncedUsec { get; internal set; }

    /// <summary>The transaction of a group that it was announced in; 0 if it went alone.</summary>
    public long Group { get; internal set; }

    /// <summary>When it was complete: when the last was seen of what it got on its arrival.</summary>
    public long CompleteUsec { get; internal set; }

    /// <summary>What was missing: conditions that did not hold, and names that came after its announcement.</summary>
    public IReadOnlyList<string> Missing { get; internal set; } = [];

    /// <summary>True if the rules were put to the proof by it: it was announced under one.</summary>
    public bool IsTested => Outcome is ReplayOutcome.Complete or ReplayOutcome.Incomplete;
}

/// <summary>A question that the recording cannot answer.</summary>
/// <param name="DevPath">The device that it was asked of.</param>
/// <param name="Rule">The rule that asks it, as far as it is known; else null.</param>
/// <param name="Question">What was asked.</param>
public sealed record UnknownAnswer(string DevPath, string? Rule, string Question);
