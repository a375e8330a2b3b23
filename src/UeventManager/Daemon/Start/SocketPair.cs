using System.Net.Sockets;
using Tmds.Linux;

namespace UeventManager.Daemon.Start;

/// <summary>Creates two connected Unix sockets in this process, which .NET cannot.</summary>
internal static class SocketPair
{
    /// <summary>Creates them.</summary>
    /// <returns>Our end and the client's end.</returns>
    public static (Socket Ours, Socket Theirs) Make()
    {
        var (ours, theirs) = SocketCalls.Pair();
        return ours >= 0
            ? (new Socket(new SafeSocketHandle(ours, ownsHandle: true)), new Socket(new SafeSocketHandle(theirs, ownsHandle: true)))
            : throw new StartException([$"socketpair failed with errno {LibC.errno}"]);
    }
}
