using System.Net.Sockets;

namespace UeventManager.Daemon.Start;

/// <summary>The whole pipeline in this process, for one client on a socket pair: with the daemon's code and protocol.</summary>
internal sealed class Standalone : IDisposable
{
    private readonly DaemonComposition _pipeline;

    /// <summary>Starts the pipeline.</summary>
    /// <exception cref="StartException">Something must be changed first.</exception>
    public Standalone(DaemonOptions options, DaemonLog log)
    {
        _pipeline = PipelineStart.Open(RuleDirectories.Read(options), options, log);
        var (ours, theirs) = SocketPair.Make();
        Client = theirs;
        _pipeline.Serve(ours);
        _pipeline.Loop.Start();
    }

    /// <summary>The client's end.</summary>
    public Socket Client { get; }

    /// <summary>Completes when the first state is known.</summary>
    public Task Ready => _pipeline.Loop.Ready;

    public void Dispose()
    {
        _pipeline.Dispose();
        Client.Dispose();
    }
}
