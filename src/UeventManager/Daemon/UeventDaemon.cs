using Microsoft.Extensions.Hosting;
using UeventManager.Varlink;

namespace UeventManager.Daemon;

/// <summary>
/// The hosted service. Sockets are bound and the first state is read before <see cref="StartAsync"/> ends; at
/// <see cref="StopAsync"/> sockets are closed first, and no read that hangs is waited for.
/// </summary>
internal sealed class UeventDaemon(DaemonOptions options, DaemonLog log, IHostApplicationLifetime lifetime) : IHostedService, IDisposable
{
    private EngineLoop? _loop;

    /// <summary>True if the engine ended by an error of our own.</summary>
    public bool HasFailed { get; private set; }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var loop = PipelineStart.Open(options, log);
        _loop = loop;
        if (options.Socket is { } path)
        {
            var listener = Listen(path, loop);
            loop.Ending = listener.Close;
        }
        loop.Failed = _ =>
        {
            HasFailed = true;
            lifetime.StopApplication();
        };
        loop.Start();
        await loop.Ready.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        log.Stopping();
        _loop?.Stop();
        return Task.CompletedTask;
    }

    public void Dispose() => _loop?.Dispose();

    private VarlinkListener Listen(string path, EngineLoop loop)
    {
        try
        {
            var socket = ListeningSocket.Open(path, options.SocketMode);
            return new VarlinkListener(socket, path, loop.Poller, loop.Dispatcher, new VarlinkLimits());
        }
        catch (ListeningSocketException e)
        {
            throw new StartException([e.Message]);
        }
    }
}
