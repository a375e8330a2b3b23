using System.Runtime.InteropServices;

namespace UeventManager.KernelTests.Harness;

/// <summary>The harness's own libc declarations: it must not test the product through the product's declarations.</summary>
internal static partial class Syscalls
{
    internal const int SIGHUP = 1;
    internal const int SIGINT = 2;
    internal const int SIGQUIT = 3;
    internal const int SIGKILL = 9;
    internal const int SIGTERM = 15;
    internal const int SIGCONT = 18;
    internal const int SIGSTOP = 19;
    internal const int EINTR = 4;
    internal const int EAGAIN = 11;
    internal const int ENOBUFS = 105;
    internal const int ENODEV = 19;
    internal const int ENOSYS = 38;
    internal const int CLONE_NEWNET = 0x40000000;
    internal const int O_RDWR = 2;
    internal const int O_NONBLOCK = 0x800;
    internal const int O_CLOEXEC = 0x80000;
    private const int CLONE_FS = 0x200;
    private const int CLONE_NEWNS = 0x20000;
    internal const int AF_NETLINK = 16;
    internal const int SOCK_RAW = 3;
    internal const int SOCK_CLOEXEC = 0x80000;
    internal const int NETLINK_KOBJECT_UEVENT = 15;
    internal const int MSG_DONTWAIT = 0x40;
    internal const short POLLIN = 1;
    private const int O_RDONLY = 0;

    [StructLayout(LayoutKind.Sequential)]
    internal struct SockaddrNl
    {
        internal ushort Family;
        internal ushort Pad;
        internal uint Pid;
        internal uint Groups;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct PollFd
    {
        internal int Fd;
        internal short Events;
        internal short Returned;
    }

    [LibraryImport("libc", EntryPoint = "geteuid")]
    internal static partial uint EffectiveUser();

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    internal static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "close")]
    internal static partial int Close(int fd);

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    internal static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    internal static partial int Bind(int fd, in SockaddrNl address, int length);

    [LibraryImport("libc", EntryPoint = "sendto", SetLastError = true)]
    internal static partial nint SendTo(int fd, ReadOnlySpan<byte> data, nint length, int flags, in SockaddrNl address, int addressLength);

    [LibraryImport("libc", EntryPoint = "recvfrom", SetLastError = true)]
    internal static partial nint ReceiveFrom(int fd, Span<byte> data, nint length, int flags, ref SockaddrNl address, ref int addressLength);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    internal static partial int Poll(ref PollFd descriptor, ulong count, int timeoutMsec);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Raw(nint number, nint first, nint second, nint third);

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(int fd, int kind);

    [LibraryImport("libc", EntryPoint = "unshare", SetLastError = true)]
    private static partial int Unshare(int kinds);

    [LibraryImport("libc", EntryPoint = "mkfifo", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int MakeFifo(string path, uint mode);

    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Mount(string source, string target, string type, ulong flags, string options);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    internal static partial nint Read(int fd, Span<byte> data, nint length);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    internal static partial nint Write(int fd, ReadOnlySpan<byte> data, nint length);

    /// <summary>Moves the calling thread, and only it, into the network namespace of <paramref name="pid"/>.</summary>
    internal static void EnterNetworkOf(int pid) => Enter($"/proc/{pid}/ns/net", CLONE_NEWNET);

    /// <summary>The same for the mount namespace. The thread has its own root and working directory from then on, and must end.</summary>
    internal static void EnterMountsOf(int pid)
    {
        Check(Unshare(CLONE_FS), "unshare");
        Enter($"/proc/{pid}/ns/mnt", CLONE_NEWNS);
    }

    /// <summary>Makes another user of the calling thread, and only of it: libc's own call would change all of them. The thread must end.</summary>
    internal static void BecomeUser(int uid)
    {
        nint number = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 117 : 147; // __NR_setresuid
        Check((int)Raw(number, -1, uid, -1), $"setresuid {uid}");
    }

    private static void Enter(string path, int kind)
    {
        var fd = Check(Open(path, O_RDONLY | O_CLOEXEC), $"open {path}");
        var result = SetNamespace(fd, kind);
        var error = Marshal.GetLastPInvokeError();
        _ = Close(fd);
        if (result != 0)
            throw new IOException($"setns {path}: errno {error}");
    }

    /// <summary>Waits until <paramref name="fd"/> is readable or in error; false at the deadline.</summary>
    internal static bool WaitReadable(int fd, Deadline deadline)
    {
        while (true)
        {
            var descriptor = new PollFd { Fd = fd, Events = POLLIN };
            var ready = Poll(ref descriptor, 1, deadline.RemainingMsec);
            if (ready > 0)
                return true;
            if (ready == 0)
                return false;
            if (Marshal.GetLastPInvokeError() != EINTR)
                throw new IOException($"poll: errno {Marshal.GetLastPInvokeError()}");
        }
    }

    internal static int Check(int result, string operation) =>
        result >= 0 ? result : throw new IOException($"{operation}: errno {Marshal.GetLastPInvokeError()}");
}
