using System.Net.Sockets;
using UeventManager.Daemon.Edge;
using UeventManager.Daemon.Loop;
using UeventManager.Varlink;

namespace UeventManager.Daemon.Start;

/// <summary>The whole pipeline in this process, for one client on a socket pair: the same code and protocol as the daemon's.</summary>
internal sealed class Standalone : IDisposable
{
    private readonly EngineLoop _loop;

    /// <summary>Starts it.</summary>
    /// <exception cref="StartException">Something must be changed first.</exception>
    public Standalone(DaemonOptions options, DaemonLog log)
    {
        _loop = PipelineStart.Open(RuleDirectories.Read(options), options, log);
        var (ours, theirs) = SocketPair.Make();
        Client = theirs;
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
}
