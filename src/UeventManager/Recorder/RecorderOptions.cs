using UeventManager.Core.Recording;

namespace UeventManager.Recorder;

/// <summary>The options of a recording.</summary>
internal sealed record RecorderOptions
{
    /// <summary>The default for the most components of a recorded name.</summary>
    public const int DefaultDepth = 3;

    /// <summary>The header, except for its times.</summary>
    public required RecordingHeader Header { get; init; }

    /// <summary>Selects devices.</summary>
    public required RecordFilter Filter { get; init; }

    /// <summary>Replaces identifiers; null to replace nothing.</summary>
    public Pseudonyms? Pseudonyms { get; init; }

    /// <summary>The duration in microseconds; null to record until it is ended.</summary>
    public long? ForUsec { get; init; }

    /// <summary>True to end as soon as the initial tree is recorded, with its values if they are to be read.</summary>
    public bool EndsWithTree { get; init; }
}
