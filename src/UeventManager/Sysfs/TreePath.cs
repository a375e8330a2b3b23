using System.Text;
using Tmds.Linux;

namespace UeventManager.Sysfs;

/// <summary>
/// Follows a path through symlinks within the tree's root: a path that climbs out of it does not exist. An absolute symlink starts at the root, with
/// or without the root's own path in front. It costs a readlink() for each existing component; below a missing one there are no links. It only reads
/// links and works on text, so the result is a hint that <see cref="ContainedOpen.Beneath"/> verifies.
/// </summary>
internal ref struct TreePath
{
    /// <summary>The most components that are followed, including those of symlinks; sysfs is some twenty levels deep.</summary>
    internal const int MaxComponents = 512;

    // The same limit as the kernel's (MAXSYMLINKS).
    private const int MaxLinks = 40;

    private readonly SysfsTree _tree;

    // The part that has been followed, with a slash before each component and without symlinks.
    private readonly Span<byte> _done;
    private int _length;

    // The length from which on nothing exists, so that deeper components need no readlink().
    private int _missing = int.MaxValue;
    private int _components;

    private TreePath(SysfsTree tree, Span<byte> buffer)
    {
        _tree = tree;
        _done = buffer;
    }

    /// <summary>The path without symlinks, relative to the root with a leading slash; null, with an errno, if it leads outside.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="start">The start of the path: without symlinks, relative to the root.</param>
    /// <param name="path">The path; parts that do not exist are kept.</param>
    /// <param name="followLast">Whether a symlink at the end is followed too.</param>
    /// <param name="errno">EXDEV, ELOOP or ENAMETOOLONG, if null is returned.</param>
    internal static string? Resolve(SysfsTree tree, string start, string path, bool followLast, out int errno)
    {
        var walk = new TreePath(tree, stackalloc byte[PathText.MaxBytes]);
        var absolute = path.StartsWith('/');
        errno = absolute ? 0 : walk.Append(start);
        if (errno == 0)
            errno = walk.Follow(absolute ? WithoutRoot(tree, path) : path, followLast);
        return errno == 0 ? walk.Text : null;
    }

    /// <summary>Joins paths and removes <c>.</c> and <c>..</c> by text alone; null if the result leads outside.</summary>
    internal static string? Join(string start, string path)
    {
        var walk = new TreePath(null!, stackalloc byte[PathText.MaxBytes]);
        return (path.StartsWith('/') || walk.Append(start) == 0) && walk.Append(path) == 0 ? walk.Text : null;
    }

    /// <summary>True if a path without symlinks, relative to the root, exists; a symlink itself counts.</summary>
    internal static bool Exists(SysfsTree tree, string path)
    {
        Span<byte> buffer = stackalloc byte[PathText.MaxBytes];
        var bytes = PathText.EncodeRelative(path, buffer);
        var fd = bytes.IsEmpty ? -LibC.ENAMETOOLONG : ContainedOpen.Beneath(tree.Descriptor, bytes, LibC.O_PATH | LibC.O_NOFOLLOW);
        if (fd >= 0)
            FileCalls.Close(fd);
        return fd >= 0;
    }

    private readonly string Text => _length == 0 ? "/" : Encoding.UTF8.GetString(_done[.._length]);

    private int Follow(string path, bool followLast)
    {
        // The parts left to follow: of the path, and of each symlink on the way.
        var rest = new Stack<(string Path, int At)>();
        rest.Push((path, 0));
        var links = 0;
        Span<byte> link = stackalloc byte[PathText.MaxBytes];
        while (rest.TryPop(out var part))
        {
            if (!Next(part.Path, ref part.At, out var component))
                continue;
            rest.Push(part);
            var before = _length;
            var error = ++_components > MaxComponents ? LibC.ENAMETOOLONG : Append(component);
            if (error != 0)
                return error;
            if (_length <= before || (!followLast && IsEnd(rest)) || ReadLink(link) is not (> 0 and var length))
                continue;
            if (++links > MaxLinks)
                return LibC.ELOOP;
            var target = Encoding.UTF8.GetString(link[..length]);
            _length = target.StartsWith('/') ? 0 : before;
            rest.Push((target.StartsWith('/') ? WithoutRoot(_tree, target) : target, 0));
        }
        return 0;
    }

    // The text of the last symlink; -errno if it is not a symlink.
    private int ReadLink(scoped Span<byte> link)
    {
        if (_length >= _missing || _length + 1 > _done.Length)
            return -LibC.ENOENT;
        _done[_length] = 0;
        var length = FileCalls.ReadLink(_tree.Descriptor, _done[1..(_length + 1)], link);
        // EINVAL means that the path exists and is not a symlink.
        if (length < 0 && length != -LibC.EINVAL)
            _missing = _length;
        return length;
    }

    private int Append(scoped ReadOnlySpan<char> path)
    {
        for (var at = 0; Next(path, ref at, out var component);)
        {
            if (component is ".")
                continue;
            if (component is "..")
            {
                if (_length == 0)
                    return LibC.EXDEV;
                _length = _done[.._length].LastIndexOf((byte)'/');
            }
            else if (_length + 1 >= _done.Length || component.Contains('\0') || !Encoding.UTF8.TryGetBytes(component, _done[(_length + 1)..], out var bytes))
            {
                return LibC.ENAMETOOLONG;
            }
            else
            {
                _done[_length] = (byte)'/';
                _length += bytes + 1;
            }
            if (_length < _missing)
                _missing = int.MaxValue;
        }
        return 0;
    }

    private static bool IsEnd(Stack<(string Path, int At)> rest)
    {
        foreach (var (path, at) in rest)
        {
            if (path.AsSpan(at).ContainsAnyExcept('/'))
                return false;
        }
        return true;
    }

    private static bool Next(ReadOnlySpan<char> path, ref int at, out ReadOnlySpan<char> component)
    {
        while (at < path.Length && path[at] == '/')
            at++;
        component = path[at..];
        var slash = component.IndexOf('/');
        if (slash >= 0)
            component = component[..slash];
        at += component.Length;
        return component.Length > 0;
    }

    private static string WithoutRoot(SysfsTree tree, string target)
    {
        var root = tree.RealPath;
        return root.Length > 0 && target.StartsWith(root, StringComparison.Ordinal)
            && (target.Length == root.Length || target[root.Length] == '/') ? target[root.Length..] : target;
    }
}
