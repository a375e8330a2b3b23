using System.Runtime.InteropServices;

namespace UeventManager;

// The names are C's.
#pragma warning disable CS8981

// Layouts are those of the 64-bit Linux ABI; LibCLayoutTests compares them with a C compiler's.
internal static partial class LibC
{
    [StructLayout(LayoutKind.Sequential)]
    internal struct sockaddr_nl
    {
        internal ushort nl_family;
        internal ushort nl_pad;
        internal uint nl_pid;
        internal uint nl_groups;
    }

    [StructLayout(LayoutKind.Sequential, Size = 110)]
    internal unsafe struct sockaddr_un
    {
        internal ushort sun_family;
        internal fixed byte sun_path[108];
    }

    [StructLayout(LayoutKind.Sequential, Size = 128)]
    internal struct sockaddr_storage
    {
        internal ushort ss_family;
        private readonly ulong _align;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct iovec
    {
        internal nint iov_base;
        internal nuint iov_len;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct msghdr
    {
        internal nint msg_name;
        internal uint msg_namelen;
        internal nint msg_iov;
        internal nuint msg_iovlen;
        internal nint msg_control;
        internal nuint msg_controllen;
        internal int msg_flags;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct mmsghdr
    {
        internal msghdr msg_hdr;
        internal uint msg_len;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct cmsghdr
    {
        internal nuint cmsg_len;
        internal int cmsg_level;
        internal int cmsg_type;
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
    internal struct nlmsghdr
    {
        internal uint nlmsg_len;
        internal ushort nlmsg_type;
        internal ushort nlmsg_flags;
        internal uint nlmsg_seq;
        internal uint nlmsg_pid;
    }

    /// <summary>struct epoll_event as x86-64 has it, packed to 12 bytes (EPOLL_PACKED in uapi/linux/eventpoll.h).</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    internal struct epoll_event_x64
    {
        internal uint events;
        internal ulong data;
    }

    /// <summary>struct epoll_event everywhere else, 16 bytes.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct epoll_event_other
    {
        internal uint events;
        internal ulong data;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct pollfd
    {
        internal int fd;
        internal short events;
        internal short revents;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct timespec
    {
        internal long tv_sec;
        internal long tv_nsec;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct rlimit
    {
        internal ulong rlim_cur;
        internal ulong rlim_max;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct open_how
    {
        internal ulong flags;
        internal ulong mode;
        internal ulong resolve;
    }

    /// <summary>struct statfs: only its first word, the file system's magic number, is of use here.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 120)]
    internal struct statfs_data
    {
        internal long f_type;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct statx_timestamp
    {
        internal long tv_sec;
        internal uint tv_nsec;
        internal int __reserved;
    }

    /// <summary>struct statx, the same on every architecture, which struct stat is not.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 256)]
    internal struct statx_data
    {
        internal uint stx_mask;
        internal uint stx_blksize;
        internal ulong stx_attributes;
        internal uint stx_nlink;
        internal uint stx_uid;
        internal uint stx_gid;
        internal ushort stx_mode;
        internal ushort __spare0;
        internal ulong stx_ino;
        internal ulong stx_size;
        internal ulong stx_blocks;
        internal ulong stx_attributes_mask;
        internal statx_timestamp stx_atime;
        internal statx_timestamp stx_btime;
        internal statx_timestamp stx_ctime;
        internal statx_timestamp stx_mtime;
        internal uint stx_rdev_major;
        internal uint stx_rdev_minor;
        internal uint stx_dev_major;
        internal uint stx_dev_minor;
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

    /// <summary>Offset of d_name in struct linux_dirent64.</summary>
    internal const int DirentNameOffset = 19;
}
