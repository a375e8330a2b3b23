using System.Text;

namespace UeventManager.Core.Rules;

/// <summary>What one look asks about one path below a device's directory.</summary>
public enum QueryKind : byte
{
    /// <summary>One path: existence, link target and value, as <see cref="QueryNeeds"/> says.</summary>
    Path,

    /// <summary>The names that match one glob; answered with their count.</summary>
    Names,

    /// <summary>
    /// Where the links lead that match one glob, those whose target exists, and which directories that match are devices; answered with
    /// <see cref="Answer.Targets"/>.
    /// </summary>
    Links,

    /// <summary>Names and values under several globs, answered as one text that changes when any of them does.</summary>
    Fingerprint,

    /// <summary>The device node <c>/dev/$DEVNAME</c> with the numbers MAJOR and MINOR.</summary>
    DeviceNode,

    /// <summary>The entry of the device in udev's database; its text is the value, and <see cref="Answer.Udev"/> its file.</summary>
    UdevEntry,

    /// <summary>The nearest ancestor of some kind, and what is asked of it; answered with <see cref="Answer.Ancestor"/>.</summary>
    Ancestor,
}

/// <summary>Which facts about a path are wanted. Reading a value runs a driver's show() and may block; the others never do.</summary>
[Flags]
public enum QueryNeeds : byte
{
    /// <summary>Whether the path exists (a symlink counts when its target exists).</summary>
    Exists = 1,

    /// <summary>Whether the path is a symlink, and where it leads.</summary>
    Link = 2,

    /// <summary>The content, without trailing white space and NULs (of <c>uevent</c> without one newline), at most <see cref="SysfsQuery.MaxValueBytes"/> bytes.</summary>
    Value = 4,
}

/// <summary>One distinct question of a <see cref="QueryTable"/>. Immutable once the table is sealed.</summary>
public sealed class SysfsQuery
{
    /// <summary>Longest value that is read, in bytes (sysfs attributes end at one page; binary ones are cut here).</summary>
    public const int MaxValueBytes = 4096;

    internal SysfsQuery(int slot, QueryKind kind, string path, IReadOnlyList<string>? globs)
    {
        Slot = slot;
        Kind = kind;
        Path = path;
        Globs = globs ?? [];
        var bytes = new byte[Encoding.UTF8.GetByteCount(path) + 1];
        Encoding.UTF8.GetBytes(path, bytes);
        PathBytes = bytes;
    }

    /// <summary>Index of the answer in an <see cref="LookFacts"/>.</summary>
    public int Slot { get; }

    /// <summary>What is asked.</summary>
    public QueryKind Kind { get; }

    /// <summary>Which facts are wanted, for <see cref="QueryKind.Path"/>.</summary>
    public QueryNeeds Needs { get; internal set; }

    /// <summary>The path or glob, relative to the device's directory; empty for kinds that need none.</summary>
    public string Path { get; }

    /// <summary>The path as UTF-8 with a final NUL, ready for a system call.</summary>
    public ReadOnlyMemory<byte> PathBytes { get; }

    /// <summary>The globs of a <see cref="QueryKind.Fingerprint"/>.</summary>
    public IReadOnlyList<string> Globs { get; }

    /// <summary>Which ancestor, and what is asked of it, of a <see cref="QueryKind.Ancestor"/>; else null.</summary>
    public AncestorQuery? OfAncestor { get; internal init; }

    /// <summary>True if answering may block on a driver's lock, so that it belongs on a worker.</summary>
    public bool MayBlock => (Needs & QueryNeeds.Value) != 0 || Kind is QueryKind.Fingerprint or QueryKind.UdevEntry || OfAncestor is { MayBlock: true };
}

/// <summary>An ancestor that is searched for, and what is asked of it.</summary>
/// <param name="Subsystem">Pattern for its subsystem; null for any.</param>
/// <param name="DevType">Pattern for its devtype; null for any.</param>
/// <param name="Table">The questions.</param>
public sealed record AncestorQuery(Glob? Subsystem, Glob? DevType, QueryTable Table)
{
    /// <summary>True if its <c>uevent</c> file is read too.</summary>
    public bool WithProperties { get; internal set; } = DevType is not null;

    internal bool MayBlock => WithProperties || Table.MayBlock;

    /// <summary>Whether a device is what is searched for.</summary>
    /// <param name="subsystem">Its subsystem.</param>
    /// <param name="uevent">Its <c>uevent</c> file.</param>
    public bool Fits(string subsystem, string? uevent) =>
        (Subsystem?.Matches(subsystem) ?? true) && (DevType?.Matches(UeventFile.Find(uevent, "DEVTYPE")) ?? true);
}
