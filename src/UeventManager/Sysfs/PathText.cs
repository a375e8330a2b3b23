using System.Text;

namespace UeventManager.Sysfs;

/// <summary>Converts paths between text and the NUL-terminated bytes of system calls.</summary>
internal static class PathText
{
    /// <summary>PATH_MAX: the longest path of the kernel, including its NUL.</summary>
    internal const int MaxBytes = 4096;

    /// <summary>Encodes a path with its NUL; empty if it is too long or contains a NUL.</summary>
    internal static ReadOnlySpan<byte> Encode(ReadOnlySpan<char> path, Span<byte> buffer)
    {
        if (path.Contains('\0') || !Encoding.UTF8.TryGetBytes(path, buffer[..^1], out var length))
            return default;
        buffer[length] = 0;
        return buffer[..(length + 1)];
    }

    /// <summary>As <see cref="Encode(ReadOnlySpan{char}, Span{byte})"/>, for a path below the root: leading slashes are removed.</summary>
    internal static ReadOnlySpan<byte> EncodeRelative(ReadOnlySpan<char> path, Span<byte> buffer)
    {
        path = path.TrimStart('/');
        return Encode(path.IsEmpty ? "." : path, buffer);
    }

    /// <summary>True if the path has no slash, so that it names one entry of its directory.</summary>
    internal static bool IsSingle(ReadOnlySpan<byte> path) => path.IndexOf((byte)'/') < 0;

    /// <summary>
    /// True if the path may leave its directory: it is absolute, or a component may be <c>..</c> (a name that only contains two dots also counts,
    /// which merely costs time).
    /// </summary>
    internal static bool MayLeave(ReadOnlySpan<byte> path) => path.StartsWith("/"u8) || path.IndexOf(".."u8) >= 0;

    /// <summary>Last component.</summary>
    internal static ReadOnlySpan<char> Last(ReadOnlySpan<char> path) => path[(path.LastIndexOf('/') + 1)..];
}
