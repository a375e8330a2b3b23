using System.Net.Sockets;
using UeventManager.Daemon.Loop;
using UeventManager.Systemd;
using UeventManager.Varlink;

namespace UeventManager.Daemon.Start;

/// <summary>The socket that subscribers connect to: the service manager's, or one of our own with its file.</summary>
/// <param name="Socket">It listens; early connections wait until they are served.</param>
/// <param name="File">Its file; null if that is not ours.</param>
internal sealed record SubscriberSocket(Socket Socket, SocketFile? File)
{
    /// <summary>Takes the one that was passed, or binds one.</summary>
    /// <exception cref="StartException">It may not be bound, or a daemon lives there.</exception>
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

    /// <summary>Closes it where nobody came to serve it.</summary>
    public void Abandon()
    {
        File?.Remove();
        Socket.Dispose();
    }
}
