using Tmds.Linux;

namespace UeventManager.Sysfs;

/// <summary>File system calls on spans: paths are NUL-terminated bytes, a failure is the negative errno, and EINTR is retried.</summary>
internal static unsafe class FileCalls
{
    /// <summary>Opens a file; -errno after a failure.</summary>
    internal static int Open(int directory, ReadOnlySpan<byte> path, int flags)
    {
        fixed (byte* name = path)
        {
            int fd;
            do
            {
                fd = LibC.openat(directory, name, flags | LibC.O_CLOEXEC, 0);
            }
            while (fd < 0 && LibC.errno == LibC.EINTR);
            return fd < 0 ? -LibC.errno : fd;
        }
    }

    /// <summary>openat2() with RESOLVE_ flags; -ENOSYS if the kernel or a sandbox does not have it.</summary>
    internal static int Open2(int directory, ReadOnlySpan<byte> path, int flags, ulong resolve)
    {
        var how = new open_how { flags = (ulong)(flags | LibC.O_CLOEXEC), resolve = resolve };
        fixed (byte* name = path)
        {
            int fd;
            do
            {
                fd = LibC.openat2(directory, name, &how, sizeof(open_how));
            }
            while (fd < 0 && (LibC.errno == LibC.EINTR || LibC.errno == LibC.EAGAIN));
            return fd < 0 ? -LibC.errno : fd;
        }
    }

    /// <summary>Closes a descriptor.</summary>
    internal static void Close(int fd) => _ = LibC.close(fd);

    /// <summary>0 if the path exists (symlinks followed), else -errno.</summary>
    internal static int Access(int directory, ReadOnlySpan<byte> path)
    {
        fixed (byte* name = path)
        {
            int result;
            do
            {
                result = LibC.faccessat(directory, name, LibC.F_OK, 0);
            }
            while (result < 0 && LibC.errno == LibC.EINTR);
            return result == 0 ? 0 : -LibC.errno;
        }
    }

    /// <summary>statx(); 0 or -errno.</summary>
    internal static int Stat(int directory, ReadOnlySpan<byte> path, int flags, uint mask, out statx data)
    {
        fixed (byte* name = path)
        fixed (statx* result = &data)
            return LibC.statx(directory, name, flags | LibC.AT_NO_AUTOMOUNT, mask, result) == 0 ? 0 : -LibC.errno;
    }

    /// <summary>Reads once; the number of bytes or -errno.</summary>
    internal static int Read(int fd, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            ssize_t count;
            do
            {
                count = LibC.read(fd, start, buffer.Length);
            }
            while (count < 0 && LibC.errno == LibC.EINTR);
            return count < 0 ? -LibC.errno : (int)count;
        }
    }

    /// <summary>Reads to the end or until the buffer is full; the number of bytes or -errno.</summary>
    internal static int ReadAll(int fd, Span<byte> buffer)
    {
        var total = 0;
        while (total < buffer.Length)
        {
            var count = Read(fd, buffer[total..]);
            if (count < 0)
                return count;
            if (count == 0)
                break;
            total += count;
        }
        return total;
    }

    /// <summary>
    /// Reads the beginning of a file into the buffer. For a sysfs attribute one read returns everything: both sysfs_kf_seq_show() and
    /// sysfs_kf_bin_read() return a page at once.
    /// </summary>
    internal static int ReadContent(SysfsTree tree, int fd, Span<byte> buffer) => tree.IsSysfs ? Read(fd, buffer) : ReadAll(fd, buffer);

    /// <summary>A symlink's text; returns its length or -errno (-EINVAL: not a symlink).</summary>
    internal static int ReadLink(int directory, ReadOnlySpan<byte> path, Span<byte> buffer)
    {
        fixed (byte* name = path)
        fixed (byte* start = buffer)
        {
            var count = LibC.readlinkat(directory, name, start, buffer.Length);
            return count < 0 ? -LibC.errno : (int)count;
        }
    }

    /// <summary>getdents64(); the number of bytes, 0 at the end, or -errno.</summary>
    internal static int ReadDirectory(int fd, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            var count = LinuxApi.getdents64(fd, start, buffer.Length);
            return count < 0 ? -LibC.errno : (int)count;
        }
    }

    /// <summary>The magic number of the file system, or 0.</summary>
    internal static long FileSystemType(int fd)
    {
        LinuxApi.statfs_data data;
        return LinuxApi.fstatfs(fd, &data) == 0 ? data.f_type : 0;
    }

    /// <summary>
    /// Raises the soft limit of open descriptors to the hard one, which needs no privilege; if a sandbox forbids it, the limit stays.
    /// </summary>
    internal static void RaiseDescriptorLimit()
    {
        LinuxApi.rlimit limit;
        if (LinuxApi.getrlimit(LinuxApi.RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max)
            return;
        limit.rlim_cur = limit.rlim_max;
        _ = LinuxApi.setrlimit(LinuxApi.RLIMIT_NOFILE, &limit);
    }

    /// <summary>The number of open descriptors; 0 if it is unknown.</summary>
    internal static int OpenDescriptors()
    {
        var fd = Open(LibC.AT_FDCWD, "/proc/self/fd\0"u8, LibC.O_RDONLY | LibC.O_DIRECTORY);
        if (fd < 0)
            return 0;
        var count = 0;
        var entries = new DirectoryEntries(fd);
        while (entries.Next())
            count++;
        Close(fd);
        return count;
    }

    /// <summary>The soft limit of open descriptors.</summary>
    internal static ulong DescriptorLimit()
    {
        LinuxApi.rlimit limit;
        return LinuxApi.getrlimit(LinuxApi.RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 1024;
    }
}
