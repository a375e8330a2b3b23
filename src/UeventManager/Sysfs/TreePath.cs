using System.Text;

namespace UeventManager.Sysfs;

/// <summary>
/// Follows a path through symlinks with the tree's root as a border: what climbs out of it does not exist. An absolute
/// symlink begins at the root, with or without the root's own path in front. Works on text and reads links only, so the
/// result is a hint that <see cref="ContainedOpen.Beneath"/> verifies.
/// </summary>
internal static class TreePath
{
    // As the kernel (MAXSYMLINKS).
    private const int MaxLinks = 40;

    /// <summary>The path without symlinks, relative to the root with a leading slash; null (and why) if it leads outside.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="start">Where the path begins: without symlinks, relative to the root.</param>
    /// <param name="path">What to follow; parts that do not exist are kept as they are.</param>
    /// <param name="followLast">Whether a symlink at the end is followed too.</param>
    /// <param name="errno">EXDEV or ELOOP, if null is returned.</param>
    internal static string? Resolve(SysfsTree tree, string start, string path, bool followLast, out int errno)
    {
        var absolute = path.StartsWith('/');
        var done = absolute ? [] : new List<string>(start.Split('/', StringSplitOptions.RemoveEmptyEntries));
        var rest = new Stack<string>();
        Push(rest, absolute ? WithoutRoot(tree, path) : path);
        var links = 0;
        errno = 0;
        while (rest.TryPop(out var component))
        {
            if (component == ".")
                continue;
            if (component == "..")
            {
                if (done.Count == 0)
                {
                    errno = LibC.EXDEV;
                    return null;
                }
                done.RemoveAt(done.Count - 1);
                continue;
            }
            done.Add(component);
            if ((rest.Count == 0 && !followLast) || LinkText(tree, done) is not { } target)
                continue;
            if (++links > MaxLinks)
            {
                errno = LibC.ELOOP;
                return null;
            }
            done.RemoveAt(done.Count - 1);
            if (target.StartsWith('/'))
            {
                done.Clear();
                target = WithoutRoot(tree, target);
            }
            Push(rest, target);
        }
        return "/" + string.Join('/', done);
    }

    /// <summary>Joins and removes <c>.</c> and <c>..</c> by the text alone; null if it leads outside.</summary>
    internal static string? Join(string start, string path)
    {
        var done = path.StartsWith('/') ? [] : new List<string>(start.Split('/', StringSplitOptions.RemoveEmptyEntries));
        foreach (var component in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (component == "..")
            {
                if (done.Count == 0)
                    return null;
                done.RemoveAt(done.Count - 1);
            }
            else if (component != ".")
            {
                done.Add(component);
            }
        }
        return "/" + string.Join('/', done);
    }

    private static string WithoutRoot(SysfsTree tree, string target)
    {
        var root = tree.RealPath;
        return root.Length > 0 && target.StartsWith(root, StringComparison.Ordinal)
            && (target.Length == root.Length || target[root.Length] == '/') ? target[root.Length..] : target;
    }

    private static string? LinkText(SysfsTree tree, List<string> components)
    {
        Span<byte> path = stackalloc byte[PathText.MaxBytes];
        Span<byte> link = stackalloc byte[PathText.MaxBytes];
        var bytes = PathText.EncodeRelative(string.Join('/', components), path);
        var length = bytes.IsEmpty ? -1 : FileCalls.ReadLink(tree.Descriptor, bytes, link);
        return length < 0 ? null : Encoding.UTF8.GetString(link[..length]);
    }

    private static void Push(Stack<string> rest, string path)
    {
        var components = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        for (var i = components.Length - 1; i >= 0; i--)
            rest.Push(components[i]);
    }
}
