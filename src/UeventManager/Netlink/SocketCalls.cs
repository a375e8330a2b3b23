namespace UeventManager;

/// <summary>Calls on sockets that are on the way of every event.</summary>
internal static unsafe class SocketCalls
{
    /// <summary>send(2), without waiting and without SIGPIPE.</summary>
    /// <param name="descriptor">A connected stream socket.</param>
    /// <param name="bytes">What to send.</param>
    /// <returns>Bytes that the kernel took; -1 and <see cref="LibC.Errno"/> if none.</returns>
    public static int Send(int descriptor, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* first = bytes)
            return (int)LibC.sendto(descriptor, first, (nuint)bytes.Length, LibC.MSG_DONTWAIT | LibC.MSG_NOSIGNAL, null, 0);
    }
}
