using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace UeventManager;

/// <summary>
/// The system calls this program makes, under their C names: the single place that declares them. Structs and
/// constants stand beside it in <c>LibC.Structs.cs</c> and <c>LibC.Constants.cs</c>. Right on x86-64 and arm64.
/// </summary>
internal static unsafe partial class LibC
{
    private const string Library = "libc";

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int socket(int domain, int type, int protocol);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int bind(int fd, void* address, uint length);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int accept4(int fd, void* address, uint* length, int flags);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int socketpair(int domain, int type, int protocol, int* ends);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint recv(int fd, void* data, nuint length, int flags);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int getsockname(int fd, void* address, uint* length);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int setsockopt(int fd, int level, int name, void* value, uint length);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint sendmsg(int fd, msghdr* message, int flags);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int close(int fd);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int epoll_create1(int flags);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int epoll_ctl(int epoll, int operation, int fd, void* item);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int eventfd(uint initial, int flags);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int poll(pollfd* items, nuint count, int timeoutMsec);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int ppoll(pollfd* items, nuint count, timespec* timeout, void* signals);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int prctl(int option, nuint value, nuint third, nuint fourth, nuint fifth);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint read(int fd, void* buffer, nuint count);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint write(int fd, void* buffer, nuint count);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint pread(int fd, void* buffer, nuint count, nint offset);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int open(byte* path, int flags, uint mode);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int openat(int directory, byte* path, int flags, uint mode);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int statx(int directory, byte* path, int flags, uint mask, statx_data* result);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint readlinkat(int directory, byte* path, byte* buffer, nuint size);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int fstatfs(int fd, statfs_data* result);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int mkfifoat(int directory, byte* path, uint mode);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial void* mmap(void* address, nuint length, int protection, int flags, int fd, nint offset);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int munmap(void* address, nuint length);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int ioctl(int fd, nuint request, void* argument);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int getrlimit(int resource, rlimit* result);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int setrlimit(int resource, rlimit* limit);

    [LibraryImport(Library)]
    internal static partial uint getuid();

    [LibraryImport(Library)]
    internal static partial uint geteuid();

    [LibraryImport(Library)]
    internal static partial uint umask(uint mask);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int fchownat(int directory, byte* path, uint owner, uint group, int flags);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int unlinkat(int directory, byte* path, int flags);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int renameat(int directory, byte* path, int otherDirectory, byte* otherPath);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial group* getgrnam(string name);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int memfd_create(byte* name, uint flags);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int pipe2(int* ends, int flags);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int fcntl(int fd, int command, nint argument);

    // On the way of every event. Here errno is read only where a call has failed, which SetLastError does not do.
    internal static int recvmmsg(int fd, mmsghdr* messages, uint count, int flags, timespec* timeout) =>
        (int)Kept(recvmmsg_(fd, messages, count, flags, timeout));

    internal static nint sendto(int fd, void* data, nuint length, int flags, void* address, uint addressLength) =>
        (nint)Kept(sendto_(fd, data, length, flags, address, addressLength));

    internal static int epoll_wait(int epoll, void* items, int count, int timeoutMsec) =>
        (int)Kept(epoll_wait_(epoll, items, count, timeoutMsec));

    internal static int getsockopt(int fd, int level, int name, void* value, uint* length) =>
        (int)Kept(getsockopt_(fd, level, name, value, length));

    internal static int faccessat(int directory, byte* path, int mode, int flags) =>
        (int)Kept(faccessat_(directory, path, mode, flags));

    private static nint Kept(nint result)
    {
        if (result < 0)
            Marshal.SetLastPInvokeError(Marshal.GetLastSystemError());
        return result;
    }

    [LibraryImport(Library, EntryPoint = "recvmmsg")]
    private static partial int recvmmsg_(int fd, mmsghdr* messages, uint count, int flags, timespec* timeout);

    [LibraryImport(Library, EntryPoint = "sendto")]
    private static partial nint sendto_(int fd, void* data, nuint length, int flags, void* address, uint addressLength);

    [LibraryImport(Library, EntryPoint = "epoll_wait")]
    private static partial int epoll_wait_(int epoll, void* items, int count, int timeoutMsec);

    [LibraryImport(Library, EntryPoint = "getsockopt")]
    private static partial int getsockopt_(int fd, int level, int name, void* value, uint* length);

    [LibraryImport(Library, EntryPoint = "faccessat")]
    private static partial int faccessat_(int directory, byte* path, int mode, int flags);

    [LibraryImport(Library, SetLastError = true)]
    private static partial nint syscall(nint number, nint a, nint b, nint c, nint d, nint e, nint f);

    /// <summary>epoll_pwait2(2), Linux 5.11, without a signal mask; glibc has a wrapper from 2.35 on.</summary>
    internal static int epoll_pwait2(int epoll, void* items, int count, timespec* timeout) =>
        (int)syscall(SYS_epoll_pwait2, epoll, (nint)items, count, (nint)timeout, 0, 0);

    /// <summary>openat2(2), Linux 5.6; glibc has no wrapper.</summary>
    internal static int openat2(int directory, byte* path, open_how* how, nuint size) =>
        (int)syscall(SYS_openat2, directory, (nint)path, (nint)how, (nint)size, 0, 0);

    /// <summary>getdents64(2); musl and glibc before 2.30 have no wrapper of this name.</summary>
    internal static nint getdents64(int fd, byte* buffer, nuint size) =>
        syscall(SYS_getdents64, fd, (nint)buffer, (nint)size, 0, 0, 0);

    /// <summary>fsopen(2), Linux 5.2.</summary>
    internal static int fsopen(byte* type, uint flags) => (int)syscall(SYS_fsopen, (nint)type, (nint)flags, 0, 0, 0, 0);

    /// <summary>fsconfig(2), Linux 5.2, for commands without a key.</summary>
    internal static int fsconfig(int fd, uint command) => (int)syscall(SYS_fsconfig, fd, (nint)command, 0, 0, 0, 0);

    /// <summary>fsmount(2), Linux 5.2: a mount that is attached nowhere.</summary>
    internal static int fsmount(int fd, uint flags) => (int)syscall(SYS_fsmount, fd, (nint)flags, 0, 0, 0, 0);

    /// <summary>The errno of the last call on this thread.</summary>
    internal static int Errno => Marshal.GetLastPInvokeError();
}
