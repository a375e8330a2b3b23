namespace UeventManager.Core.Uevents;

/// <summary>Functions on devpaths, as bytes because the kernel promises no encoding.</summary>
public static class DevPaths
{
    /// <summary>PATH_MAX less room for a root directory; kobject_get_path() returns shorter paths.</summary>
    public const int MaxLength = 3072;

    /// <summary>True for an absolute path without empty components, <c>.</c> or <c>..</c>: such a path cannot leave its root.</summary>
    public static bool IsValid(ReadOnlySpan<byte> path)
    {
        if (path.Length is < 2 or > MaxLength || path[0] != '/')
            return false;
        for (var rest = path[1..]; ;)
        {
            var slash = rest.IndexOf((byte)'/');
            var component = slash < 0 ? rest : rest[..slash];
            if (component.IsEmpty || component.SequenceEqual("."u8) || component.SequenceEqual(".."u8))
                return false;
            if (slash < 0)
                return true;
            rest = rest[(slash + 1)..];
        }
    }

    /// <summary>True for paths below <c>/devices</c>, where devices are.</summary>
    public static bool IsBelowDevices(ReadOnlySpan<byte> path) => path.StartsWith("/devices/"u8);

    /// <summary>The path without its last component; empty for a top-level one.</summary>
    public static ReadOnlySpan<byte> Parent(ReadOnlySpan<byte> path)
    {
        var slash = path.LastIndexOf((byte)'/');
        return slash <= 0 ? default : path[..slash];
    }

    /// <summary>The parent path as text; null if no device can be there.</summary>
    public static string? Above(string path) => path.LastIndexOf('/') is var slash && slash > "/devices".Length ? path[..slash] : null;

    /// <summary>The last component.</summary>
    public static ReadOnlySpan<byte> SysName(ReadOnlySpan<byte> path) => path[(path.LastIndexOf((byte)'/') + 1)..];

    /// <summary>An order in which the paths below a path follow it directly.</summary>
    public static int CompareInTree(ReadOnlySpan<byte> path, ReadOnlySpan<byte> other)
    {
        var same = path.CommonPrefixLength(other);
        if (same == path.Length || same == other.Length)
            return path.Length.CompareTo(other.Length);
        // A slash sorts before every character of a name.
        return (path[same] == '/' ? 0 : 1 + path[same]).CompareTo(other[same] == '/' ? 0 : 1 + other[same]);
    }

    /// <summary>The same for texts.</summary>
    public static int CompareInTree(string path, string other)
    {
        var same = path.AsSpan().CommonPrefixLength(other);
        return same == path.Length || same == other.Length ? path.Length.CompareTo(other.Length)
            : (path[same] == '/' ? 0 : 1 + path[same]).CompareTo(other[same] == '/' ? 0 : 1 + other[same]);
    }

    /// <summary>True if a path is strictly below an ancestor: <c>/a/veth99</c> is not an ancestor of <c>/a/veth999</c>.</summary>
    public static bool IsBelow(ReadOnlySpan<byte> path, ReadOnlySpan<byte> ancestor) =>
        path.Length > ancestor.Length && path[ancestor.Length] == '/' && path.StartsWith(ancestor);
}
