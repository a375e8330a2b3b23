using UeventManager.Core.Recording;

namespace UeventManager.Recorder;

/// <summary>What is recorded.</summary>
internal sealed record RecorderOptions
{
    /// <summary>How many components names have at most, where nobody says.</summary>
    public const int DefaultDepth = 3;

    /// <summary>The header, but for its times.</summary>
    public required RecordingHeader Header { get; init; }

    /// <summary>Which devices.</summary>
    public required RecordFilter Filter { get; init; }

    /// <summary>What is replaced; null for nothing.</summary>
    public Pseudonyms? Pseudonyms { get; init; }

    /// <summary>How long, in microseconds; null for until it is ended.</summary>
    public long? ForUsec { get; init; }

    /// <summary>True to end as soon as the tree at the start is recorded, with the values that are to be read.</summary>
    public bool EndsWithTree { get; init; }
}
