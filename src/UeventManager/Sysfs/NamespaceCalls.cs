using System.Text;
using Tmds.Linux;

namespace UeventManager.Sysfs;

/// <summary>System calls about this thread's network namespace.</summary>
internal static unsafe class NamespaceCalls
{
    private const int IfNameBytes = 16;

    /// <summary>struct ifreq: a name and 24 bytes of union.</summary>
    private const int IfReqBytes = 40;

    /// <summary>Creates an unattached sysfs of this namespace; -errno without the privilege (CAP_SYS_ADMIN) or the calls (Linux 5.2).</summary>
    internal static int OwnSysfs()
    {
        fixed (byte* type = "sysfs\0"u8)
        {
            using var context = new DescriptorHandle(LinuxApi.fsopen(type, LinuxApi.FSOPEN_CLOEXEC));
            if (context.IsInvalid || LinuxApi.fsconfig(context.Descriptor, LinuxApi.FSCONFIG_CMD_CREATE) != 0)
                return -LibC.errno;
            var fd = LinuxApi.fsmount(context.Descriptor, LinuxApi.FSMOUNT_CLOEXEC);
            return fd < 0 ? -LibC.errno : fd;
        }
    }

    /// <summary>The device number of a descriptor's file system, or null.</summary>
    internal static (uint Major, uint Minor)? DeviceOf(int fd) =>
        FileCalls.Stat(fd, "\0"u8, LibC.AT_EMPTY_PATH, LibC.STATX_INO, out var data) == 0
            ? (data.stx_dev_major, data.stx_dev_minor)
            : null;

    /// <summary>An interface's index in this namespace (SIOCGIFINDEX), or null if there is no such interface.</summary>
    internal static int? InterfaceIndex(string name)
    {
        using var socket = new DescriptorHandle(LibC.socket(LibC.AF_UNIX, LibC.SOCK_DGRAM | LibC.SOCK_CLOEXEC, 0));
        var request = stackalloc byte[IfReqBytes];
        if (socket.IsInvalid || !Encoding.UTF8.TryGetBytes(name, new Span<byte>(request, IfNameBytes - 1), out _))
            return null;
        return LibC.ioctl(socket.Descriptor, LibC.SIOCGIFINDEX, request) == 0 ? *(int*)(request + IfNameBytes) : null;
    }
}
