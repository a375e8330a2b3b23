using System.Globalization;
using System.Text;
using Tmds.Linux;

namespace UeventManager.Sysfs;

/// <summary>The root of all device paths and rule paths: <c>/sys</c>, or any tree of the same structure.</summary>
internal sealed class SysfsTree : IDisposable
{
    /// <summary>The default mount point of sysfs.</summary>
    public const string DefaultPath = "/sys";

    private readonly DescriptorHandle _handle;

    private SysfsTree(string path, DescriptorHandle handle)
    {
        Path = path;
        _handle = handle;
        IsSysfs = FileCalls.FileSystemType(handle.Descriptor) == LinuxApi.SYSFS_MAGIC;
        RealPath = System.IO.Path.TrimEndingDirectorySeparator(RealPathOf(handle.Descriptor) ?? System.IO.Path.GetFullPath(path));
    }

    /// <summary>The path as given.</summary>
    public string Path { get; }

    /// <summary>True if it is the kernel's own file system, whose symlinks all lead to other objects in it.</summary>
    public bool IsSysfs { get; }

    /// <summary>The path without symlinks and without a trailing slash.</summary>
    internal string RealPath { get; }

    /// <summary>Identifies the tree within a boot: a network namespace has one sysfs, and other directories have device and inode numbers.</summary>
    public string Identity
    {
        get
        {
            if (IsSysfs)
                return "sysfs";
            if (FileCalls.Stat(Descriptor, "\0"u8, LibC.AT_EMPTY_PATH, LibC.STATX_INO | LibC.STATX_BTIME, out var data) != 0)
                return "unknown";
            return string.Create(CultureInfo.InvariantCulture, $"{data.stx_dev_major}:{data.stx_dev_minor}:{data.stx_ino}:{data.stx_btime.tv_sec}.{data.stx_btime.tv_nsec}");
        }
    }

    internal int Descriptor => _handle.Descriptor;

    /// <summary>Opens a root.</summary>
    /// <exception cref="SystemCallException">It is not a directory or cannot be opened.</exception>
    public static SysfsTree Open(string path = DefaultPath)
    {
        Span<byte> buffer = stackalloc byte[PathText.MaxBytes];
        var bytes = PathText.Encode(path, buffer);
        var fd = bytes.IsEmpty ? -LibC.ENAMETOOLONG : FileCalls.Open(LibC.AT_FDCWD, bytes, LibC.O_PATH | LibC.O_DIRECTORY);
        return fd < 0 ? throw new SystemCallException("open", path, -fd) : new SysfsTree(path, new DescriptorHandle(fd));
    }

    /// <summary>Opens a root; null if it cannot be opened.</summary>
    internal static SysfsTree? TryOpen(string path)
    {
        Span<byte> buffer = stackalloc byte[PathText.MaxBytes];
        var bytes = PathText.Encode(path, buffer);
        var fd = bytes.IsEmpty ? -LibC.ENAMETOOLONG : FileCalls.Open(LibC.AT_FDCWD, bytes, LibC.O_PATH | LibC.O_DIRECTORY);
        return fd < 0 ? null : new SysfsTree(path, new DescriptorHandle(fd));
    }

    /// <summary>Closes the root; open device directories stay valid.</summary>
    public void Dispose() => _handle.Dispose();

    private static string? RealPathOf(int fd)
    {
        Span<byte> link = stackalloc byte[PathText.MaxBytes];
        Span<byte> name = stackalloc byte[32];
        var length = FileCalls.ReadLink(LibC.AT_FDCWD, PathText.Encode($"/proc/self/fd/{fd}", name), link);
        return length > 0 ? Encoding.UTF8.GetString(link[..length]) : null;
    }
}
