using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Tmds.Linux;

[assembly: DisableRuntimeMarshalling]

namespace UeventManager;

// The names are those of C.
#pragma warning disable CS8981

/// <summary>
/// The calls, structs and constants of Linux that this program needs and Tmds.LibC does not declare, under their C names. Layouts are those of the
/// 64-bit Linux ABI; <c>LibCLayoutTests</c> compares them with a C compiler's.
/// </summary>
internal static unsafe partial class LinuxApi
{
    private const string Library = "libc.so.6";

    internal const int NETLINK_KOBJECT_UEVENT = 15;
    internal const int SO_NETNS_COOKIE = 71;
    internal const int SCM_CREDENTIALS = 2;
    internal const int CLONE_NEWNET = 0x40000000;
    internal const int NS_GET_USERNS = 0xb701;
    internal const long NSFS_MAGIC = 0x6e736673;
    internal const byte DT_UNKNOWN = 0;
    internal const byte DT_DIR = 4;
    internal const byte DT_LNK = 10;
    internal const long SYSFS_MAGIC = 0x62656572;
    internal const int PR_SET_TIMERSLACK = 29;
    internal const int RLIMIT_NOFILE = 7;
    internal const int SCHED_OTHER = 0;
    internal const int SCHED_RR = 2;
    internal const int SCHED_RESET_ON_FORK = 0x40000000;
    internal const uint FSOPEN_CLOEXEC = 1;
    internal const uint FSMOUNT_CLOEXEC = 1;
    internal const uint FSCONFIG_CMD_CREATE = 6;
    internal const int SYS_epoll_pwait2 = 441;
    private const int SYS_fsopen = 430;
    private const int SYS_fsconfig = 431;
    private const int SYS_fsmount = 432;
    private static readonly int SYS_getdents64 = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 61 : 217;

    /// <summary>Offset of d_name in struct linux_dirent64.</summary>
    internal const int DirentNameOffset = 19;

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int prctl(int option, nuint value, nuint third, nuint fourth, nuint fifth);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int sched_setscheduler(int pid, int policy, int* priority);

    // Seconds and nanoseconds, each a long on 64-bit architectures.
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int clock_gettime(int clock, long* time);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int fstatfs(int fd, statfs_data* result);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int getrlimit(int resource, rlimit* result);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int setrlimit(int resource, rlimit* limit);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int renameat(int directory, byte* path, int otherDirectory, byte* otherPath);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial group* getgrnam(string name);

    /// <summary>ppoll(2) without a signal mask. Tmds.LibC declares it, but does not keep its errno.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int ppoll(pollfd* items, nuint count, timespec* timeout, void* signals = null);

    /// <summary>recvmmsg(2). Every event passes here, so errno is read only after a failure, unlike with SetLastError.</summary>
    internal static int recvmmsg(int fd, mmsghdr* messages, uint count, int flags, timespec* timeout)
    {
        var received = recvmmsg_(fd, messages, count, flags, timeout);
        if (received < 0)
            Marshal.SetLastPInvokeError(Marshal.GetLastSystemError());
        return received;
    }

    [LibraryImport(Library, EntryPoint = "recvmmsg")]
    private static partial int recvmmsg_(int fd, mmsghdr* messages, uint count, int flags, timespec* timeout);

    /// <summary>epoll_pwait2(2), Linux 5.11, without a signal mask; glibc has a wrapper from 2.35 on.</summary>
    internal static int epoll_pwait2(int epoll, epoll_event* items, int count, timespec* timeout) =>
        (int)LibC.syscall(SYS_epoll_pwait2, epoll, items, count, timeout, 0, 0);

    /// <summary>getdents64(2); glibc before 2.30 has no wrapper.</summary>
    internal static int getdents64(int fd, byte* buffer, int size) => (int)LibC.syscall(SYS_getdents64, fd, buffer, size);

    /// <summary>fsopen(2), Linux 5.2.</summary>
    internal static int fsopen(byte* type, uint flags) => (int)LibC.syscall(SYS_fsopen, type, flags);

    /// <summary>fsconfig(2), Linux 5.2, for commands without a key.</summary>
    internal static int fsconfig(int fd, uint command) => (int)LibC.syscall(SYS_fsconfig, fd, command, 0, 0, 0);

    /// <summary>fsmount(2), Linux 5.2: a mount that is attached nowhere.</summary>
    internal static int fsmount(int fd, uint flags) => (int)LibC.syscall(SYS_fsmount, fd, flags, 0);

    [StructLayout(LayoutKind.Sequential)]
    internal struct sockaddr_nl
    {
        internal ushort nl_family;
        internal ushort nl_pad;
        internal uint nl_pid;
        internal uint nl_groups;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct nlmsghdr
    {
        internal uint nlmsg_len;
        internal ushort nlmsg_type;
        internal ushort nlmsg_flags;
        internal uint nlmsg_seq;
        internal uint nlmsg_pid;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct ucred
    {
        internal int pid;
        internal uint uid;
        internal uint gid;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct group
    {
        internal nint gr_name;
        internal nint gr_passwd;
        internal uint gr_gid;
        internal nint gr_mem;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct rlimit
    {
        internal ulong rlim_cur;
        internal ulong rlim_max;
    }

    /// <summary>struct statfs: only its first word, the file system's magic number, is used.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 120)]
    internal struct statfs_data
    {
        internal long f_type;
    }

    /// <summary>The head of struct linux_dirent64; the name follows at <see cref="DirentNameOffset"/>.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    internal struct linux_dirent64
    {
        internal ulong d_ino;
        internal long d_off;
        internal ushort d_reclen;
        internal byte d_type;
    }
}
