using System.Net.Sockets;
using Tmds.Linux;

namespace UeventManager.Daemon.Start;

/// <summary>Two connected Unix sockets in this process. .NET makes none.</summary>
internal static class SocketPair
{
    /// <summary>Makes them.</summary>
    /// <returns>Ours and the client's.</returns>
    public static (Socket Ours, Socket Theirs) Make()
    {
        var (ours, theirs) = SocketCalls.Pair();
        return ours >= 0
            ? (new Socket(new SafeSocketHandle(ours, ownsHandle: true)), new Socket(new SafeSocketHandle(theirs, ownsHandle: true)))
            : throw new StartException([$"socketpair failed with errno {LibC.errno}"]);
    }
}
