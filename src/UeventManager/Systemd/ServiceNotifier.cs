using System.Text;
using Tmds.Linux;

namespace UeventManager.Systemd;

/// <summary>
/// sd_notify(3): one datagram of <c>KEY=VALUE</c> lines to the socket in <c>$NOTIFY_SOCKET</c> (a path, or <c>@</c> and an abstract name), with
/// descriptors by SCM_RIGHTS. May be used from any thread, also after <see cref="Dispose"/>. A failed send is ignored, because the service manager
/// has its own deadlines.
/// </summary>
internal sealed unsafe class ServiceNotifier : IDisposable
{
    /// <summary>The variable that names the socket.</summary>
    public const string SocketVariable = "NOTIFY_SOCKET";

    private const int MostDescriptors = 16;

    private readonly DescriptorHandle _socket;
    private readonly byte[] _path;

    private ServiceNotifier(DescriptorHandle socket, byte[] path)
    {
        _socket = socket;
        _path = path;
    }

    /// <summary>The service manager that started this process; null if it expects no notifications.</summary>
    /// <param name="address">The value of <c>$NOTIFY_SOCKET</c>.</param>
    public static ServiceNotifier? To(string? address)
    {
        if (address is not { Length: > 1 } || address[0] is not ('/' or '@'))
            return null;
        var path = Encoding.UTF8.GetBytes(address);
        if (path.Length > 107)
            return null;
        if (path[0] == '@')
            path[0] = 0;
        var fd = LibC.socket(LibC.AF_UNIX, LibC.SOCK_DGRAM | LibC.SOCK_CLOEXEC, 0);
        return fd < 0 ? null : new ServiceNotifier(new DescriptorHandle(fd), path);
    }

    /// <summary><c>READY=1</c>: the service is ready, or has read its configuration again.</summary>
    public bool Ready(string status) => Send($"READY=1\nSTATUS={status}");

    /// <summary><c>RELOADING=1</c> with the time of its beginning, in CLOCK_MONOTONIC microseconds; <see cref="Ready"/> ends it.</summary>
    public bool Reloading(long nowUsec) => Send($"RELOADING=1\nMONOTONIC_USEC={nowUsec}");

    /// <summary><c>STOPPING=1</c>.</summary>
    public bool Stopping() => Send("STOPPING=1");

    /// <summary><c>WATCHDOG=1</c> with a status line. Never waits.</summary>
    public bool Alive(string status) => Send($"WATCHDOG=1\nSTATUS={status}", [], LibC.MSG_DONTWAIT);

    /// <summary>Makes the service manager keep a descriptor for the next start, which gets it with <c>$LISTEN_FDS</c>.</summary>
    public bool Store(string name, int descriptor) => Send($"FDSTORE=1\nFDNAME={name}\nFDPOLL=0", [descriptor]);

    /// <summary>Takes back the descriptor of <see cref="Store"/>.</summary>
    public bool Discard(string name) => Send($"FDSTOREREMOVE=1\nFDNAME={name}");

    /// <summary>
    /// Waits until the manager has handled all earlier messages: it then closes the descriptor of <c>BARRIER=1</c>. A message of a process that has
    /// ended may not be attributed to its service any more.
    /// </summary>
    /// <returns>False if it did not in time.</returns>
    public bool Barrier(int timeoutMsec)
    {
        var ends = stackalloc int[2];
        if (LibC.pipe2(ends, LibC.O_CLOEXEC) != 0)
            return false;
        using var read = new DescriptorHandle(ends[0]);
        bool sent;
        using (var write = new DescriptorHandle(ends[1]))
            sent = Send("BARRIER=1", [write.Descriptor]);
        var item = new pollfd { fd = read.Descriptor };
        return sent && LibC.poll(&item, 1, timeoutMsec) == 1;
    }

    /// <summary>Sends lines with descriptors.</summary>
    public bool Send(string lines, ReadOnlySpan<int> descriptors = default, int flags = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(descriptors.Length, MostDescriptors, nameof(descriptors));
        var taken = false;
        try
        {
            _socket.DangerousAddRef(ref taken);
            return Send(Encoding.UTF8.GetBytes(lines), descriptors, flags);
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
        finally
        {
            if (taken)
                _socket.DangerousRelease();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private bool Send(byte[] text, ReadOnlySpan<int> descriptors, int flags)
    {
        var address = new sockaddr_un { sun_family = LibC.AF_UNIX };
        _path.CopyTo(new Span<byte>(address.sun_path, 108));
        // CMSG_SPACE() for that many descriptors.
        var control = stackalloc byte[sizeof(cmsghdr) + (MostDescriptors * sizeof(int))];
        var header = (cmsghdr*)control;
        *header = new cmsghdr
        {
            cmsg_len = sizeof(cmsghdr) + (descriptors.Length * sizeof(int)),
            cmsg_level = LibC.SOL_SOCKET,
            cmsg_type = LibC.SCM_RIGHTS,
        };
        descriptors.CopyTo(new Span<int>(control + sizeof(cmsghdr), MostDescriptors));
        fixed (byte* data = text)
        {
            var vector = new iovec { iov_base = data, iov_len = text.Length };
            var message = new msghdr
            {
                msg_name = &address,
                // An abstract name has an explicit length; a path may end with its NUL.
                msg_namelen = sizeof(ushort) + _path.Length + (_path[0] == 0 ? 0 : 1),
                msg_iov = &vector,
                msg_iovlen = 1,
                msg_control = descriptors.IsEmpty ? null : control,
                msg_controllen = descriptors.IsEmpty ? 0 : sizeof(cmsghdr) + (((descriptors.Length * sizeof(int)) + 7) & ~7),
            };
            ssize_t sent;
            do
            {
                sent = LibC.sendmsg(_socket.Descriptor, &message, LibC.MSG_NOSIGNAL | flags);
            }
            while (sent < 0 && LibC.errno == LibC.EINTR);
            return sent == text.Length;
        }
    }
}
