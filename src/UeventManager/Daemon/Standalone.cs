using System.Net.Sockets;
using UeventManager.Varlink;

namespace UeventManager.Daemon;

/// <summary>The whole pipeline in this process, for one client on a socket pair: the same code and protocol as the daemon's.</summary>
internal sealed class Standalone : IDisposable
{
    private readonly EngineLoop _loop;

    /// <summary>Starts it.</summary>
    /// <exception cref="StartException">Something must be changed first.</exception>
    public Standalone(DaemonOptions options, DaemonLog log)
    {
        _loop = PipelineStart.Open(options, log);
        var (ours, theirs) = Pair();
        Client = theirs;
        ours.Blocking = false;
        _ = new VarlinkConnection(ours, _loop.Poller, _loop.Dispatcher, new VarlinkLimits(), _ => { });
        _loop.Start();
    }

    /// <summary>The client's end.</summary>
    public Socket Client { get; }

    /// <summary>Ends when the first state is known.</summary>
    public Task Ready => _loop.Ready;

    /// <summary>Gets every uevent of the kernel's as it came, on the engine's thread. To be set before any comes.</summary>
    public void Listen(KernelListener listener) => _loop.Post(() => _loop.Pipeline.KernelListener = listener);

    public void Dispose()
    {
        _loop.Dispose();
        Client.Dispose();
    }

    // .NET makes no socket pair; a listener with an abstract name that only the kernel chose serves for one.
    private static (Socket Ours, Socket Theirs) Pair()
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        var name = new UnixDomainSocketEndPoint($"\0ueventctl-{Environment.ProcessId}-{Guid.NewGuid():N}");
        listener.Bind(name);
        listener.Listen(1);
        var theirs = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        theirs.Connect(name);
        var ours = listener.Accept();
        if (PeerCredentials.Of(ours).Pid == Environment.ProcessId)
            return (ours, theirs);
        ours.Dispose();
        theirs.Dispose();
        throw new StartException(["somebody else connected to the private socket; try again"]);
    }
}
