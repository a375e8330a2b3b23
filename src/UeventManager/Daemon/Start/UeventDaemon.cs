using Microsoft.Extensions.Hosting;
using UeventManager.Daemon.Edge;
using UeventManager.Daemon.Loop;
using UeventManager.Varlink;

namespace UeventManager.Daemon.Start;

/// <summary>
/// The hosted service. Sockets are bound and the first state is read before <see cref="StartAsync"/> ends. An end is orderly whenever it is asked
/// for, also in the middle of the start: sockets are closed, and no read that hangs is waited for.
/// </summary>
internal sealed class UeventDaemon(StartAhead ahead, DaemonOptions options, DaemonLog log, IHostApplicationLifetime lifetime) : IHostedService, IDisposable
{
    private EngineLoop? _loop;
    private ServiceContext? _service;
    private SubscriberSocket? _unserved;
    private bool _isStopping;

    /// <summary>True if the engine ended by an error of our own.</summary>
    public bool HasFailed { get; private set; }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        DescriptorShares.Raise();
        _service = ServiceContext.Take();
        var rules = await ahead.Rules.WaitAsync(cancellationToken).ConfigureAwait(false);
        var loop = PipelineStart.Open(rules, options, log, _service, Bind);
        _loop = loop;
        if (_unserved is { } socket)
            Serve(socket, loop);
        loop.Failed = _ =>
        {
            HasFailed = true;
            lifetime.StopApplication();
        };
        loop.Start();
        ProcessSignals.OnHangUp(() => loop.Reload.Begin());
        _service.Passed.Dispose();
        await loop.Ready.WaitAsync(cancellationToken).ConfigureAwait(false);
        loop.Post(() => _service.Notifier?.Ready(loop.Status.Line()));
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Stop();
        return Task.CompletedTask;
    }

    /// <summary>Ends what was begun. A second time it does nothing.</summary>
    public void Stop()
    {
        if (_loop is null || _isStopping)
            return;
        _isStopping = true;
        log.Stopping();
        _service?.Notifier?.Stopping();
        _loop.Stop();
    }

    public void Dispose()
    {
        _loop?.Dispose();
        _unserved?.Abandon();
        _service?.Dispose();
    }

    private void Bind()
    {
        if (options.Socket is { } path)
            _unserved = SubscriberSocket.Open(path, options, _service);
    }

    private void Serve(SubscriberSocket socket, EngineLoop loop)
    {
        var limits = ClientLimits.Of(options);
        var listener = new VarlinkListener(socket.Socket, socket.File, loop.Poller, loop.Dispatcher, limits)
        {
            Overdrawn = new BudgetLog(log).Take,
            Stalled = peer => log.Stalled(peer.Pid, peer.Uid, limits.StallUsec / 1e6),
            FileStays = log.SocketFileStays,
        };
        _unserved = null;
        loop.Ending = listener.Close;
        (loop.Status.Listener, loop.Listener) = (listener, listener);
    }
}
