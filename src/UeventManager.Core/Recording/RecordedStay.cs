namespace UeventManager.Core.Recording;

/// <summary>A name below a device for as long as it stood there.</summary>
/// <param name="Kind">What it was.</param>
/// <param name="Target">Where a symlink led.</param>
/// <param name="AfterUsec">Beginning of the last look that had not found it; <see cref="long.MinValue"/> if it was there at the first look.</param>
/// <param name="FromUsec">End of the first look that found it; <see cref="long.MinValue"/> if that was the first.</param>
public sealed record RecordedStay(RecordedKind Kind, string? Target, long AfterUsec, long FromUsec)
{
    /// <summary>Beginning of the last look that found it; <see cref="long.MaxValue"/> while it stands.</summary>
    public long LastUsec { get; internal set; } = long.MaxValue;

    /// <summary>End of the first look that did not find it any more; <see cref="long.MaxValue"/> while it stands.</summary>
    public long UntilUsec { get; internal set; } = long.MaxValue;

    /// <summary>True if the first look at its device found it.</summary>
    public bool WasThere => FromUsec == long.MinValue;

    /// <summary>Whether it is known to stand at a time: from the first look that saw it to the first that did not.</summary>
    public bool IsAt(long usec) => FromUsec <= usec && usec < UntilUsec;
}

/// <summary>A value that was read.</summary>
/// <param name="AtUsec">When the read had ended.</param>
/// <param name="Value">The value; null if it could not be read.</param>
/// <param name="Errno">Why not.</param>
/// <param name="TookUsec">How long the read took.</param>
public readonly record struct RecordedValue(long AtUsec, string? Value, int Errno, long TookUsec);
