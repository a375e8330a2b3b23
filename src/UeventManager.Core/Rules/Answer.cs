namespace UeventManager.Core.Rules;

/// <summary>The answer of a look to one <see cref="SysfsQuery"/>.</summary>
public readonly struct Answer
{
    /// <summary>True once asked.</summary>
    public bool Asked { get; init; }

    /// <summary>The path exists; for a symlink, its target exists; for a device node, the node has the right numbers.</summary>
    public bool Exists { get; init; }

    /// <summary>
    /// The target if the path is a symlink (also a dangling one), else null: relative to the sysfs root with a leading slash, so that a device's
    /// target is its devpath.
    /// </summary>
    public string? LinkTarget { get; init; }

    /// <summary>The value, the fingerprint or the database entry; null if it could not be read.</summary>
    public string? Value { get; init; }

    /// <summary>The number of names, for <see cref="QueryKind.Names"/>.</summary>
    public int Count { get; init; }

    /// <summary>
    /// The targets of links, and the directories that are devices, for <see cref="QueryKind.Links"/>: below the sysfs root with a leading slash.
    /// </summary>
    public IReadOnlyList<string>? Targets { get; init; }

    /// <summary>The facts about the ancestor, for <see cref="QueryKind.Ancestor"/>; null if there is no such ancestor.</summary>
    public LookFacts? Ancestor { get; init; }

    /// <summary>
    /// The file of the entry, for <see cref="QueryKind.UdevEntry"/>; null if there is none. An entry that exists without a file means that there is
    /// no udevd.
    /// </summary>
    public UdevFile? Udev { get; init; }

    /// <summary>The errno of a read that failed for another reason than absence, else 0.</summary>
    public int Errno { get; init; }

    /// <summary>
    /// True if the look failed (no descriptor, no memory, an unreadable directory): whether the path exists is unknown, and <see cref="Errno"/> gives
    /// the reason. The whole look then decides nothing.
    /// </summary>
    public bool CouldNotLook { get; init; }

    /// <summary>True if a recording cannot know the answer: then no condition on it holds, nor one below <c>not</c>.</summary>
    public bool IsUnrecorded { get; init; }

    /// <summary>The answer of a recording that does not contain the path.</summary>
    public static Answer Unrecorded => new() { Asked = true, IsUnrecorded = true, Errno = ErrnoName.NoData };

    /// <summary>The answer of a look that failed.</summary>
    /// <param name="errno">The reason.</param>
    public static Answer Unknown(int errno) => new() { Asked = true, CouldNotLook = true, Errno = errno };

    /// <summary>An asked path that does not exist.</summary>
    public static Answer Absent => new() { Asked = true };

    /// <summary>An asked path that exists.</summary>
    public static Answer Present => new() { Asked = true, Exists = true };
}
