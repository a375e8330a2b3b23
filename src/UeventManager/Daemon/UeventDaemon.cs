using System.Runtime.InteropServices;
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
    private PosixSignalRegistration? _hangUp;

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
        _hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            Reload(loop);
        });
        await loop.Ready.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        log.Stopping();
        _loop?.Stop();
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        _hangUp?.Dispose();
        _loop?.Dispose();
    }

    // Files are read on this thread; only good rules ever reach the engine's.
    private void Reload(EngineLoop loop)
    {
        try
        {
            var rules = PipelineStart.LoadRules(options, log);
            loop.Post(() =>
            {
                loop.Pipeline.Engine.ReplaceRules(rules, Monotonic.NowUsec);
                loop.Pipeline.Run();
                log.Reloaded(rules.Rules.Count);
            });
        }
        catch (StartException e)
        {
            foreach (var line in e.Lines)
                log.ReloadFailed(line);
        }
    }

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
