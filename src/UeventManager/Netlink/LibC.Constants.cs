using System.Runtime.InteropServices;

namespace UeventManager;

internal static partial class LibC
{
    // open(2): arm64 swaps O_DIRECTORY, O_NOFOLLOW with O_DIRECT, O_LARGEFILE (arch/arm64/include/uapi/asm/fcntl.h).
    private static readonly bool s_arm64 = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;
    internal static readonly int O_DIRECTORY = s_arm64 ? 0x4000 : 0x10000;
    internal static readonly int O_NOFOLLOW = s_arm64 ? 0x8000 : 0x20000;
    internal const int O_RDONLY = 0;
    internal const int O_WRONLY = 1;
    internal const int O_RDWR = 2;
    internal const int O_NONBLOCK = 0x800;
    internal const int O_CLOEXEC = 0x80000;
    internal const int O_PATH = 0x200000;

    internal const int AT_FDCWD = -100;
    internal const int AT_SYMLINK_NOFOLLOW = 0x100;
    internal const int AT_NO_AUTOMOUNT = 0x800;
    internal const int AT_EMPTY_PATH = 0x1000;
    internal const int F_OK = 0;

    internal const ulong RESOLVE_NO_MAGICLINKS = 0x02;
    internal const ulong RESOLVE_NO_SYMLINKS = 0x04;
    internal const ulong RESOLVE_BENEATH = 0x08;
    internal const ulong RESOLVE_IN_ROOT = 0x10;

    internal const uint STATX_TYPE = 0x001;
    internal const uint STATX_MODE = 0x002;
    internal const uint STATX_NLINK = 0x004;
    internal const uint STATX_UID = 0x008;
    internal const uint STATX_INO = 0x100;
    internal const uint STATX_BTIME = 0x800;
    internal const ushort S_IFMT = 0xF000;
    internal const ushort S_IFIFO = 0x1000;
    internal const ushort S_IFCHR = 0x2000;
    internal const ushort S_IFDIR = 0x4000;
    internal const ushort S_IFBLK = 0x6000;
    internal const ushort S_IFREG = 0x8000;
    internal const ushort S_IFLNK = 0xA000;
    internal const ushort S_IFSOCK = 0xC000;
    internal const byte DT_UNKNOWN = 0;
    internal const byte DT_DIR = 4;
    internal const byte DT_LNK = 10;
    internal const long SYSFS_MAGIC = 0x62656572;

    internal const int AF_UNIX = 1;
    internal const int AF_INET = 2;
    internal const int AF_NETLINK = 16;
    internal const int SOCK_STREAM = 1;
    internal const int SOCK_DGRAM = 2;
    internal const int SOCK_RAW = 3;
    internal const int SOCK_NONBLOCK = 0x800;
    internal const int SOCK_CLOEXEC = 0x80000;
    internal const int NETLINK_KOBJECT_UEVENT = 15;
    internal const int SOL_SOCKET = 1;
    internal const int SO_ERROR = 4;
    internal const int SO_RCVBUF = 8;
    internal const int SO_PASSCRED = 16;
    internal const int SO_PEERCRED = 17;
    internal const int SO_ACCEPTCONN = 30;
    internal const int SO_RCVBUFFORCE = 33;
    internal const int SO_PROTOCOL = 38;
    internal const int SO_MEMINFO = 55;
    internal const int SO_COOKIE = 57;
    internal const int SO_NETNS_COOKIE = 71;
    internal const int SCM_RIGHTS = 1;
    internal const int SCM_CREDENTIALS = 2;
    internal const int MSG_CTRUNC = 0x08;
    internal const int MSG_TRUNC = 0x20;
    internal const int MSG_DONTWAIT = 0x40;
    internal const int MSG_NOSIGNAL = 0x4000;
    internal const nuint SIOCGIFHWADDR = 0x8927;
    internal const nuint SIOCGIFINDEX = 0x8933;

    internal const uint EPOLLIN = 0x001;
    internal const uint EPOLLOUT = 0x004;
    internal const uint EPOLLERR = 0x008;
    internal const uint EPOLLHUP = 0x010;
    internal const uint EPOLLRDHUP = 0x2000;
    internal const int EPOLL_CTL_ADD = 1;
    internal const int EPOLL_CTL_DEL = 2;
    internal const int EPOLL_CTL_MOD = 3;
    internal const short POLLIN = 1;
    internal const short POLLOUT = 4;
    internal const short POLLHUP = 16;
    internal const int F_GETFD = 1;
    internal const int F_SETFD = 2;
    internal const int FD_CLOEXEC = 1;
    internal const uint MFD_CLOEXEC = 1;
    internal const int PROT_READ = 1;
    internal const int PROT_WRITE = 2;
    internal const int MAP_PRIVATE = 2;
    internal const int MAP_ANONYMOUS = 0x20;
    internal const int PR_SET_TIMERSLACK = 29;
    internal const int RLIMIT_NOFILE = 7;

    internal const int EPERM = 1;
    internal const int ENOENT = 2;
    internal const int EINTR = 4;
    internal const int EAGAIN = 11;
    internal const int EACCES = 13;
    internal const int EEXIST = 17;
    internal const int EXDEV = 18;
    internal const int ENODEV = 19;
    internal const int ENOTDIR = 20;
    internal const int EISDIR = 21;
    internal const int EINVAL = 22;
    internal const int ENFILE = 23;
    internal const int EMFILE = 24;
    internal const int ERANGE = 34;
    internal const int ENAMETOOLONG = 36;
    internal const int ENOSYS = 38;
    internal const int ELOOP = 40;
    internal const int ENOPROTOOPT = 92;
    internal const int ECONNABORTED = 103;
    internal const int ENOBUFS = 105;

    internal const nint SYS_epoll_pwait2 = 441;
    private const nint SYS_openat2 = 437;
    private const nint SYS_fsopen = 430;
    private const nint SYS_fsconfig = 431;
    private const nint SYS_fsmount = 432;
    private static readonly nint SYS_getdents64 = s_arm64 ? 61 : 217;
    internal const uint FSOPEN_CLOEXEC = 1;
    internal const uint FSMOUNT_CLOEXEC = 1;
    internal const uint FSCONFIG_CMD_CREATE = 6;
}
