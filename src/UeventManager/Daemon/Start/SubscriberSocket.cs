using System.Net.Sockets;
using UeventManager.Daemon.Loop;
using UeventManager.Systemd;
using UeventManager.Varlink;

namespace UeventManager.Daemon.Start;

/// <summary>The socket for subscribers: the service manager's, or our own with its file.</summary>
/// <param name="Socket">The listening socket; early connections wait in its backlog.</param>
/// <param name="File">Its file; null if it is not ours.</param>
internal sealed record SubscriberSocket(Socket Socket, SocketFile? File)
{
    /// <summary>Takes the passed socket, or binds one.</summary>
    /// <exception cref="StartException">It cannot be bound, or another daemon uses it.</exception>
    public static SubscriberSocket Open(string path, DaemonOptions options, ServiceContext? service)
    {
        if (service?.Passed.Take(PassedKind.Listening, PassedDescriptors.SubscribersName) is { } passed)
            return new SubscriberSocket(new Socket(new SafeSocketHandle(passed, ownsHandle: true)), null);
        try
        {
            var socket = ListeningSocket.Open(path, options.SocketMode, options.SocketGroup);
            return new SubscriberSocket(socket, SocketFile.JustBound(path));
        }
        catch (ListeningSocketException e)
        {
            throw new StartException([e.Message]);
        }
    }

    /// <summary>Closes the socket if nothing serves it.</summary>
    public void Abandon()
    {
        File?.Remove();
        Socket.Dispose();
    }
}
