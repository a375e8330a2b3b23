using System.Text;

namespace UeventManager.Core.Rules;

/// <summary>The kinds of questions about a device's directory.</summary>
public enum QueryKind : byte
{
    /// <summary>One path: existence, link target and value, as <see cref="QueryNeeds"/> says.</summary>
    Path,

    /// <summary>The names that match a glob; the answer is their count.</summary>
    Names,

    /// <summary>
    /// The targets of the links that match a glob, if they exist, and the matching directories that are devices; the answer is
    /// <see cref="Answer.Targets"/>.
    /// </summary>
    Links,

    /// <summary>Names and values under several globs; the answer is one text that changes when any of them does.</summary>
    Fingerprint,

    /// <summary>The device node <c>/dev/$DEVNAME</c> with the numbers MAJOR and MINOR.</summary>
    DeviceNode,

    /// <summary>The device's entry in udev's database; the text is the value, and the file is <see cref="Answer.Udev"/>.</summary>
    UdevEntry,

    /// <summary>The nearest ancestor of some kind, with further questions; the answer is <see cref="Answer.Ancestor"/>.</summary>
    Ancestor,
}

/// <summary>The wanted facts about a path. Reading a value runs a driver's show() and may block; the others never block.</summary>
[Flags]
public enum QueryNeeds : byte
{
    /// <summary>Whether the path exists (for a symlink, whether its target exists).</summary>
    Exists = 1,

    /// <summary>Whether the path is a symlink, and its target.</summary>
    Link = 2,

    /// <summary>The content, without trailing white space and NULs (of <c>uevent</c> without one newline), at most <see cref="SysfsQuery.MaxValueBytes"/> bytes.</summary>
    Value = 4,
}

/// <summary>One distinct question of a <see cref="QueryTable"/>. Immutable once the table is sealed.</summary>
public sealed class SysfsQuery
{
    /// <summary>The longest value that is read, in bytes (sysfs attributes end at one page; longer binary ones are cut).</summary>
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

    /// <summary>The kind of question.</summary>
    public QueryKind Kind { get; }

    /// <summary>The wanted facts, for <see cref="QueryKind.Path"/>.</summary>
    public QueryNeeds Needs { get; internal set; }

    /// <summary>The path or glob, relative to the device's directory; empty for kinds that need none.</summary>
    public string Path { get; }

    /// <summary>The path as UTF-8 with a final NUL, ready for a system call.</summary>
    public ReadOnlyMemory<byte> PathBytes { get; }

    /// <summary>The globs of a <see cref="QueryKind.Fingerprint"/>.</summary>
    public IReadOnlyList<string> Globs { get; }

    /// <summary>For a <see cref="QueryKind.Ancestor"/>, the ancestor and the questions about it; else null.</summary>
    public AncestorQuery? OfAncestor { get; internal init; }

    /// <summary>True for the target of the link to the device's driver.</summary>
    internal bool IsDriver => Kind == QueryKind.Path && Path == "driver" && (Needs & QueryNeeds.Link) != 0;

    /// <summary>True if the answer may block on a driver's lock, so that a worker must read it.</summary>
    public bool MayBlock => (Needs & QueryNeeds.Value) != 0 || Kind is QueryKind.Fingerprint or QueryKind.UdevEntry || OfAncestor is { MayBlock: true };
}

/// <summary>An ancestor to search for, and the questions about it.</summary>
/// <param name="Subsystem">Pattern for the ancestor's subsystem; null for any.</param>
/// <param name="DevType">Pattern for the ancestor's devtype; null for any.</param>
/// <param name="Table">The questions.</param>
public sealed record AncestorQuery(Glob? Subsystem, Glob? DevType, QueryTable Table)
{
    /// <summary>True if the ancestor's <c>uevent</c> file is read too.</summary>
    public bool WithProperties { get; internal set; } = DevType is not null;

    internal bool MayBlock => WithProperties || Table.MayBlock;

    /// <summary>Whether a device is the ancestor searched for.</summary>
    /// <param name="subsystem">The device's subsystem.</param>
    /// <param name="uevent">The device's <c>uevent</c> file.</param>
    public bool Fits(string subsystem, string? uevent) =>
        (Subsystem?.Matches(subsystem) ?? true) && (DevType?.Matches(UeventFile.Find(uevent, "DEVTYPE")) ?? true);
}
