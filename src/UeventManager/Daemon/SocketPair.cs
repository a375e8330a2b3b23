using System.Net.Sockets;
using UeventManager.Varlink;

namespace UeventManager.Daemon;

/// <summary>Two connected Unix sockets in this process. .NET makes none, so a listener with a private abstract name serves for it.</summary>
internal static class SocketPair
{
    /// <summary>Makes them.</summary>
    /// <returns>Ours, which does not block, and the client's, which does.</returns>
    public static (Socket Ours, Socket Theirs) Make()
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        var name = new UnixDomainSocketEndPoint($"\0ueventctl-{Environment.ProcessId}-{Guid.NewGuid():N}");
        listener.Bind(name);
        listener.Listen(1);
        var theirs = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        theirs.Connect(name);
        var ours = listener.Accept();
        if (PeerCredentials.Of(ours).Pid == Environment.ProcessId)
        {
            ours.Blocking = false;
            return (ours, theirs);
        }
        ours.Dispose();
        theirs.Dispose();
        throw new StartException(["somebody else connected to a private socket; try again"]);
    }
}
