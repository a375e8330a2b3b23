namespace UeventManager.Core.Rules;

/// <summary>What a look found for one <see cref="SysfsQuery"/>.</summary>
public readonly struct Answer
{
    /// <summary>True once asked.</summary>
    public bool Asked { get; init; }

    /// <summary>The path exists; for a symlink, its target exists. For a device node: it is there with the right numbers.</summary>
    public bool Exists { get; init; }

    /// <summary>
    /// Where the path leads if it is a symlink (also a dangling one), else null: relative to the sysfs root with a
    /// leading slash, so that a device's is its devpath.
    /// </summary>
    public string? LinkTarget { get; init; }

    /// <summary>The value, the fingerprint or the database entry; null if it could not be read.</summary>
    public string? Value { get; init; }

    /// <summary>Number of names, for <see cref="QueryKind.Names"/>.</summary>
    public int Count { get; init; }

    /// <summary>Where links lead and which directories are devices, for <see cref="QueryKind.Links"/>: below the sysfs root with a leading slash.</summary>
    public IReadOnlyList<string>? Targets { get; init; }

    /// <summary>What was found of the ancestor, for <see cref="QueryKind.Ancestor"/>; null if there is none of the kind.</summary>
    public LookFacts? Ancestor { get; init; }

    /// <summary>
    /// Which file the entry stands in, for <see cref="QueryKind.UdevEntry"/>; null if there is none. An entry that exists and has no file says that
    /// there is no udevd.
    /// </summary>
    public UdevFile? Udev { get; init; }

    /// <summary>The errno of a read that failed for another reason than absence, else 0.</summary>
    public int Errno { get; init; }

    /// <summary>
    /// True if nobody could look (no descriptor, no memory, a directory that may not be read): it is not known whether the path exists, and
    /// <see cref="Errno"/> says why. The whole look decides nothing then.
    /// </summary>
    public bool CouldNotLook { get; init; }

    /// <summary>True if the question is to a recording that cannot know it: no condition holds by it, also none below <c>not</c>.</summary>
    public bool IsUnrecorded { get; init; }

    /// <summary>The answer of a recording that cannot know it.</summary>
    public static Answer Unrecorded => new() { Asked = true, IsUnrecorded = true, Errno = ErrnoName.NoData };

    /// <summary>The answer of a look that could not be made.</summary>
    /// <param name="errno">Why.</param>
    public static Answer Unknown(int errno) => new() { Asked = true, CouldNotLook = true, Errno = errno };

    /// <summary>An asked path that does not exist.</summary>
    public static Answer Absent => new() { Asked = true };

    /// <summary>An asked path that exists.</summary>
    public static Answer Present => new() { Asked = true, Exists = true };
}
