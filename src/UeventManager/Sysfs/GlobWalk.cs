using System.Text;
using Tmds.Linux;
using UeventManager.Core.Rules;

namespace UeventManager.Sysfs;

/// <summary>
/// Finds the names below a device that match globs. A <c>**</c> crosses at most <see cref="MaxDepth"/> levels and follows no symlink; a component
/// behind a symlink is found at the symlink's target within the root. At most <see cref="MaxEntries"/> directory entries are looked at, or fewer in a
/// quick walk: beyond them the result is ERANGE, with the count so far.
/// </summary>
internal ref struct GlobWalk
{
    internal const int MaxDepth = 8;
    internal const int MaxEntries = 65_536;

    // The cost of opening a directory, in entries of a quick walk, and the bytes of a directory per read.
    private const int OpenEntries = 16;
    private const int QuickBytes = 8 * 1024;

    private readonly DeviceDirectory _device;
    private readonly string _devPath;
    private readonly List<string>? _names;
    private readonly int _maxEntries;
    private int _entries;

    internal GlobWalk(DeviceDirectory device, string devPath, List<string>? names, int maxEntries = MaxEntries)
    {
        _device = device;
        _devPath = devPath;
        _names = names;
        _maxEntries = maxEntries;
    }

    /// <summary>The number of matching names.</summary>
    internal int Count { get; private set; }

    /// <summary>The reason why names may be missing: ERANGE, or a directory's errno other than absence; else 0.</summary>
    internal int Errno { get; private set; }

    /// <summary>True if a part could not be read. Entries beyond <see cref="MaxEntries"/> are skipped on purpose and do not count.</summary>
    internal readonly bool CouldNotLook => Errno != 0 && Errno != LibC.ERANGE;

    internal void Run(GlobPath glob) => Step(glob.Components, 0, "");

    private void Step(IReadOnlyList<GlobComponent> components, int index, string prefix)
    {
        _entries += IsQuick ? OpenEntries : 0;
        if (!IsWithin())
            return;
        while (index < components.Count && components[index].Pattern is null)
            prefix = Append(prefix, components[index++].Text);
        if (index == components.Count)
        {
            Literal(prefix);
            return;
        }
        if (components[index].Deep)
        {
            Deep(components[index].Pattern!, prefix, "", 1);
            return;
        }
        var last = index == components.Count - 1;
        List<string>? found = null;
        var fd = OpenDirectory(prefix, 0);
        if (fd < 0)
            return;
        var entries = new DirectoryEntries(fd, IsQuick ? QuickBytes : DirectoryEntries.BufferBytes);
        while (Next(ref entries))
        {
            if (!Matches(components[index].Pattern!, entries.Name))
                continue;
            if (last)
                Found(prefix, entries.Name);
            else if (entries.Type is LinuxApi.DT_DIR or LinuxApi.DT_LNK or LinuxApi.DT_UNKNOWN)
                (found ??= []).Add(Encoding.UTF8.GetString(entries.Name));
        }
        Ended(entries, fd);
        foreach (var name in found ?? [])
            Step(components, index + 1, Append(prefix, name));
    }

    private void Deep(Glob pattern, string prefix, string inner, int depth)
    {
        _entries += IsQuick ? OpenEntries : 0;
        var directory = inner.Length == 0 ? prefix : Append(prefix, inner);
        var fd = OpenDirectory(directory, inner.Length == 0 ? 0 : LibC.O_NOFOLLOW);
        if (fd < 0)
            return;
        List<string>? below = null;
        var entries = new DirectoryEntries(fd, IsQuick ? QuickBytes : DirectoryEntries.BufferBytes);
        while (Next(ref entries))
        {
            var name = Encoding.UTF8.GetString(entries.Name);
            var path = Append(inner, name);
            if (pattern.Matches(path))
                Found(directory, entries.Name);
            if (entries.Type == LinuxApi.DT_DIR && depth < MaxDepth)
                (below ??= []).Add(path);
        }
        Ended(entries, fd);
        foreach (var path in below ?? [])
            Deep(pattern, prefix, path, depth + 1);
    }

    private void Literal(string path)
    {
        Span<byte> buffer = stackalloc byte[PathText.MaxBytes];
        var bytes = PathText.Encode(path, buffer);
        var fd = bytes.Length <= 1 ? -LibC.ENOENT : ContainedOpen.Open(_device, _devPath, bytes, LibC.O_PATH | LibC.O_NOFOLLOW);
        if (fd < 0)
        {
            NoteFailure(fd);
            return;
        }
        FileCalls.Close(fd);
        Count++;
        _names?.Add(path);
    }

    private void Found(string directory, ReadOnlySpan<byte> name)
    {
        Count++;
        _names?.Add(Append(directory, Encoding.UTF8.GetString(name)));
    }

    private bool IsQuick => _maxEntries < MaxEntries;

    private bool IsWithin()
    {
        if (_entries++ < _maxEntries)
            return true;
        Errno = LibC.ERANGE;
        return false;
    }

    private bool Next(ref DirectoryEntries entries) => IsWithin() && entries.Next();

    private int OpenDirectory(string path, int flags)
    {
        Span<byte> buffer = stackalloc byte[PathText.MaxBytes];
        var bytes = PathText.Encode(path.Length == 0 ? "." : path, buffer);
        var fd = bytes.IsEmpty
            ? -LibC.ENAMETOOLONG
            : ContainedOpen.Open(_device, _devPath, bytes, LibC.O_RDONLY | LibC.O_DIRECTORY | flags);
        NoteFailure(fd);
        return fd;
    }

    private void Ended(in DirectoryEntries entries, int fd)
    {
        NoteFailure(-entries.Errno);
        FileCalls.Close(fd);
    }

    private void NoteFailure(int result)
    {
        if (LookErrors.Unknown(result) is var errno and not 0)
            Errno = errno;
    }

    private static bool Matches(Glob pattern, ReadOnlySpan<byte> name)
    {
        Span<char> text = stackalloc char[256];
        return Encoding.UTF8.TryGetChars(name, text, out var length) && pattern.Matches(text[..length]);
    }

    private static string Append(string prefix, string name) => prefix.Length == 0 ? name : $"{prefix}/{name}";
}
