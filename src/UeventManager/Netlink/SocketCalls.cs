using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Tmds.Linux;

namespace UeventManager;

/// <summary>Calls on stream sockets for every event and every call. None throws, and only one waits.</summary>
internal static unsafe class SocketCalls
{
    /// <summary>send(2), without waiting and without SIGPIPE.</summary>
    /// <param name="descriptor">A connected stream socket.</param>
    /// <param name="bytes">The bytes to send.</param>
    /// <returns>The number of bytes that the kernel took; -1 and <see cref="LibC.errno"/> if none.</returns>
    public static int Send(int descriptor, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* first = bytes)
            return (int)LibC.sendto(descriptor, first, bytes.Length, LibC.MSG_DONTWAIT | LibC.MSG_NOSIGNAL, null, 0);
    }

    /// <summary>recv(2), without waiting.</summary>
    /// <param name="descriptor">A connected stream socket.</param>
    /// <param name="buffer">Receives the bytes; not empty.</param>
    /// <returns>The number of bytes; 0 if the peer writes no more; -1 and <see cref="LibC.errno"/> if there are none.</returns>
    public static int Receive(int descriptor, Span<byte> buffer)
    {
        fixed (byte* first = buffer)
            return (int)LibC.recv(descriptor, first, buffer.Length, LibC.MSG_DONTWAIT);
    }

    /// <summary>recv(2), waiting for bytes. Not through Socket, whose thread for all sockets would be woken before the waiting one.</summary>
    /// <param name="descriptor">A connected stream socket.</param>
    /// <param name="buffer">Receives the bytes; not empty.</param>
    /// <param name="waits">True while it waits; meanwhile no byte leaves the socket, so an empty socket means that everything was received
    /// before.</param>
    /// <returns>The number of bytes; 0 if the peer, or shutdown(2), has ended the stream; -1 and <see cref="LibC.errno"/> if there will be
    /// none.</returns>
    public static int ReceiveNext(int descriptor, Span<byte> buffer, ref bool waits)
    {
        while (true)
        {
            var count = Receive(descriptor, buffer);
            if (count >= 0 || (LibC.errno != LibC.EINTR && LibC.errno != LibC.EAGAIN))
                return count;
            Volatile.Write(ref waits, true);
            Netlink.SocketWait.Readable(descriptor, Timeout.Infinite);
            Volatile.Write(ref waits, false);
        }
    }

    /// <summary>
    /// accept4(2) without an address: a client may be bound to any name, also to one that fills sun_path without a NUL, and the name is not needed
    /// here.
    /// </summary>
    /// <param name="descriptor">A non-blocking listening socket.</param>
    /// <returns>A non-blocking descriptor; -1 and <see cref="LibC.errno"/> if there is none.</returns>
    public static int Accept(int descriptor) => LibC.accept4(descriptor, null, null, LibC.SOCK_NONBLOCK | LibC.SOCK_CLOEXEC);

    /// <summary>
    /// bind(2) to a file, which gets all permissions except those of the umask. Not through Socket, which removes the name when it is closed,
    /// whatever file has that name by then.
    /// </summary>
    /// <param name="descriptor">A Unix socket.</param>
    /// <param name="path">The path; at most 107 bytes.</param>
    /// <returns>0, or the error number.</returns>
    public static int Bind(int descriptor, string path)
    {
        Span<byte> address = stackalloc byte[sizeof(sockaddr_un)];
        address.Clear();
        BitConverter.TryWriteBytes(address, (ushort)LibC.AF_UNIX);
        if (!System.Text.Encoding.UTF8.TryGetBytes(path, address[2..^1], out var length))
            return LibC.ENAMETOOLONG;
        fixed (byte* first = address)
            return LibC.bind(descriptor, (sockaddr*)first, 2 + length + 1) == 0 ? 0 : LibC.errno;
    }

    /// <summary>Whether a send would take bytes.</summary>
    /// <param name="descriptor">A connected stream socket.</param>
    public static bool IsWritable(int descriptor)
    {
        var one = new pollfd { fd = descriptor, events = LibC.POLLOUT };
        return LibC.poll(&one, 1, 0) == 1 && (one.revents & LibC.POLLOUT) != 0;
    }

    /// <summary>Sends on a socket that another thread may close.</summary>
    public static int Send(SafeHandle socket, ReadOnlySpan<byte> bytes) => Send((int)socket.DangerousGetHandle(), bytes);

    /// <summary>After a send that took nothing, waits until the next one may.</summary>
    /// <param name="socket">A connected stream socket.</param>
    /// <param name="msec">The longest wait, in milliseconds.</param>
    /// <returns>False if no further send can succeed.</returns>
    public static bool MaySend(SafeHandle socket, int msec)
    {
        if (LibC.errno != LibC.EAGAIN && LibC.errno != LibC.EINTR)
            return false;
        var one = new pollfd { fd = (int)socket.DangerousGetHandle(), events = LibC.POLLOUT };
        _ = LibC.poll(&one, 1, msec);
        return (one.revents & ~LibC.POLLOUT) == 0;
    }

    /// <summary>Duplicates a socket's descriptor, which stays open when the first is closed.</summary>
    /// <param name="descriptor">A socket.</param>
    /// <returns>The descriptor; invalid, with <see cref="LibC.errno"/>, after a failure.</returns>
    public static SafeFileHandle Duplicate(int descriptor) => new(LibC.fcntl(descriptor, LibC.F_DUPFD_CLOEXEC, 0), ownsHandle: true);

    /// <summary>getsockopt(2) with SOL_SOCKET.</summary>
    /// <param name="descriptor">A socket.</param>
    /// <param name="name">The option.</param>
    /// <param name="value">Receives the value.</param>
    /// <returns>False, with <see cref="LibC.errno"/>, if there is no such option of that size.</returns>
    public static bool TryGetOption(int descriptor, int name, Span<byte> value)
    {
        socklen_t length = value.Length;
        fixed (byte* first = value)
            return LibC.getsockopt(descriptor, LibC.SOL_SOCKET, name, first, &length) == 0 && length == value.Length;
    }

    /// <summary>socketpair(2): two connected Unix stream sockets without a name.</summary>
    /// <returns>The descriptors, which block; -1 each, with <see cref="LibC.errno"/>, after a failure.</returns>
    public static (int One, int Other) Pair()
    {
        var ends = stackalloc int[2];
        return LibC.socketpair(LibC.AF_UNIX, LibC.SOCK_STREAM | LibC.SOCK_CLOEXEC, 0, ends) == 0 ? (ends[0], ends[1]) : (-1, -1);
    }
}
