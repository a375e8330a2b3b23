namespace UeventManager.Core.Recording;

/// <summary>An entry below a device, for as long as it existed.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Target">The target of a link.</param>
/// <param name="AfterUsec">When the last look that did not find it began; <see cref="long.MinValue"/> if the first look found it.</param>
/// <param name="FromUsec">When the first look that found it ended; <see cref="long.MinValue"/> if it was the first look of all.</param>
public sealed record RecordedStay(RecordedKind Kind, string? Target, long AfterUsec, long FromUsec)
{
    /// <summary>When the last look that found it began; <see cref="long.MaxValue"/> while it exists.</summary>
    public long LastUsec { get; internal set; } = long.MaxValue;

    /// <summary>When the first look that no longer found it ended; <see cref="long.MaxValue"/> while it exists.</summary>
    public long UntilUsec { get; internal set; } = long.MaxValue;

    /// <summary>True if the first look at its device found it.</summary>
    public bool WasThere => FromUsec == long.MinValue;

    /// <summary>Whether it is known to exist at a time: from the first look that saw it until the first that did not.</summary>
    public bool IsAt(long usec) => FromUsec <= usec && usec < UntilUsec;
}

/// <summary>A value that was read.</summary>
/// <param name="AtUsec">When the read ended.</param>
/// <param name="Value">The value; null if it could not be read.</param>
/// <param name="Errno">The error of a failed read.</param>
/// <param name="TookUsec">How long the read took.</param>
public readonly record struct RecordedValue(long AtUsec, string? Value, int Errno, long TookUsec);
