using Tmds.Linux;

namespace UeventManager.Sysfs;

/// <summary>
/// Opens paths without ever leaving the root. If the kernel resolves them (openat2(2), Linux 5.6), a tree that changes meanwhile is safe too;
/// otherwise the components are opened one by one.
/// </summary>
internal static class ContainedOpen
{
    private static volatile bool s_noOpenat2;

    /// <summary>
    /// Opens a path below a directory. The path must not contain symlinks or <c>..</c>; otherwise the result is -ELOOP or -EXDEV. With O_PATH and
    /// O_NOFOLLOW the last component may be a symlink.
    /// </summary>
    internal static int Beneath(int directory, ReadOnlySpan<byte> path, int flags)
    {
        if (!s_noOpenat2)
        {
            var fd = FileCalls.Open2(directory, path, flags, LibC.RESOLVE_BENEATH | LibC.RESOLVE_NO_SYMLINKS);
            // Container runtimes whose seccomp filter is older than the call return EPERM, which openat2() itself does not.
            if (fd != -LibC.ENOSYS && fd != -LibC.EPERM)
                return fd;
            s_noOpenat2 = fd == -LibC.ENOSYS;
        }
        return ByComponents(directory, path, flags);
    }

    /// <summary>
    /// Opens a path relative to a device: the kernel resolves it in its own sysfs, whose symlinks can be trusted; otherwise it is resolved within the
    /// root.
    /// </summary>
    internal static int Open(DeviceDirectory device, string devPath, ReadOnlySpan<byte> path, int flags)
    {
        if (device.Tree.IsSysfs && !PathText.MayLeave(path))
            return FileCalls.Open(device.Descriptor, path, flags);
        var fd = Beneath(device.Descriptor, path, flags);
        if (fd != -LibC.ELOOP && fd != -LibC.EXDEV)
            return fd;
        var keepLast = (flags & LibC.O_NOFOLLOW) != 0;
        var text = System.Text.Encoding.UTF8.GetString(path[..^1]);
        if (TreePath.Resolve(device.Tree, devPath, text, !keepLast, out var errno) is not { } inside)
            return -errno;
        Span<byte> buffer = stackalloc byte[PathText.MaxBytes];
        var bytes = PathText.EncodeRelative(inside, buffer);
        if (bytes.IsEmpty)
            return -LibC.ENAMETOOLONG;
        // The path started at the root, so it may belong to the device's successor.
        return device.CheckAlive() is var error && error == 0 ? Beneath(device.Tree.Descriptor, bytes, flags) : error;
    }

    internal static int ByComponents(int directory, ReadOnlySpan<byte> path, int flags)
    {
        Span<byte> name = stackalloc byte[256];
        var rest = path[..^1];
        var at = directory;
        while (true)
        {
            var slash = rest.IndexOf((byte)'/');
            var component = slash < 0 ? rest : rest[..slash];
            rest = slash < 0 ? default : rest[(slash + 1)..].TrimStart((byte)'/');
            var last = rest.IsEmpty;
            var result = component.SequenceEqual(".."u8) || component.IsEmpty ? -LibC.EXDEV
                : component.Length >= name.Length ? -LibC.ENAMETOOLONG
                : Child(at, component, name, last ? flags : LibC.O_PATH | LibC.O_DIRECTORY, last);
            if (at != directory)
                FileCalls.Close(at);
            if (result < 0 || last)
                return result;
            at = result;
        }
    }

    private static int Child(int directory, ReadOnlySpan<byte> component, Span<byte> buffer, int flags, bool last)
    {
        component.CopyTo(buffer);
        buffer[component.Length] = 0;
        var name = buffer[..(component.Length + 1)];
        var error = FileCalls.Stat(directory, name, LibC.AT_SYMLINK_NOFOLLOW, LibC.STATX_TYPE, out var data);
        if (error < 0)
            return error;
        var wanted = last && (flags & LibC.O_NOFOLLOW) != 0 && (flags & LibC.O_PATH) != 0;
        return (data.stx_mode & LibC.S_IFMT) == LibC.S_IFLNK && !wanted
            ? -LibC.ELOOP
            : FileCalls.Open(directory, name, flags | LibC.O_NOFOLLOW);
    }
}
