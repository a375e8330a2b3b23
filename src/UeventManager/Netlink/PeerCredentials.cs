using System.Net.Sockets;
using System.Runtime.InteropServices;
using Tmds.Linux;

namespace UeventManager;

/// <summary>The client's identity as the kernel recorded it at <c>connect</c> (SO_PEERCRED): <c>struct ucred</c> of linux/socket.h.</summary>
/// <param name="Pid">The process; 0 if it is in no pid namespace of ours.</param>
/// <param name="Uid">The user; 65534 (overflowuid) if it is not mapped in our user namespace.</param>
/// <param name="Gid">The group.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct PeerCredentials(int Pid, uint Uid, uint Gid)
{
    /// <summary>Reads the credentials of a connected Unix socket.</summary>
    /// <param name="descriptor">A connected socket.</param>
    /// <returns>The credentials of the other end.</returns>
    /// <exception cref="SocketException">The socket is not a connected Unix socket.</exception>
    public static PeerCredentials Of(int descriptor)
    {
        Span<PeerCredentials> credentials = stackalloc PeerCredentials[1];
        return SocketCalls.TryGetOption(descriptor, LibC.SO_PEERCRED, MemoryMarshal.AsBytes(credentials))
            ? credentials[0]
            : throw new SocketException(LibC.errno);
    }
}
