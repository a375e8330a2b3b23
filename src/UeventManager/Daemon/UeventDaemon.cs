using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;
using UeventManager.Sysfs;
using UeventManager.Systemd;
using UeventManager.Varlink;

namespace UeventManager.Daemon;

/// <summary>
/// The hosted service. Sockets are bound and the first state is read before <see cref="StartAsync"/> ends; at
/// <see cref="StopAsync"/> sockets are closed first, and no read that hangs is waited for.
/// </summary>
internal sealed class UeventDaemon(StartAhead ahead, DaemonOptions options, DaemonLog log, IHostApplicationLifetime lifetime) : IHostedService, IDisposable
{
    private EngineLoop? _loop;
    private ServiceContext? _service;
    private PosixSignalRegistration? _hangUp;

    /// <summary>True if the engine ended by an error of our own.</summary>
    public bool HasFailed { get; private set; }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        DescriptorShares.Raise();
        _service = ServiceContext.Take();
        var loop = PipelineStart.Open(ahead, options, log, _service);
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
            loop.Reload.Begin();
        });
        _service.Passed.Dispose();
        await loop.Ready.WaitAsync(cancellationToken).ConfigureAwait(false);
        loop.Post(() => _service.Notifier?.Ready(loop.Status.Line()));
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        log.Stopping();
        _service?.Notifier?.Stopping();
        _loop?.Stop();
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        _hangUp?.Dispose();
        _loop?.Dispose();
        _service?.Dispose();
    }

    private VarlinkListener Listen(string path, EngineLoop loop)
    {
        try
        {
            var passed = _service?.Passed.Take(PassedKind.Listening, PassedDescriptors.SubscribersName);
            var socket = passed is { } descriptor ? new Socket(new SafeSocketHandle(descriptor, ownsHandle: true)) : ListeningSocket.Open(path, options.SocketMode, options.SocketGroup);
            var places = DescriptorShares.Here.Connections;
            var limits = new VarlinkLimits
            {
                StallUsec = options.SubscriberTimeoutUsec,
                MaxConnections = places,
                ReservedConnections = Math.Min(VarlinkLimits.MostReserved, places / 4),
            };
            var listener = new VarlinkListener(socket, passed is null ? path : null, loop.Poller, loop.Dispatcher, limits)
            {
                Overdrawn = new BudgetLog(log).Take,
                Stalled = peer => log.Stalled(peer.Pid, peer.Uid, limits.StallUsec / 1e6),
            };
            (loop.Status.Listener, loop.Listener) = (listener, listener);
            return listener;
        }
        catch (ListeningSocketException e)
        {
            throw new StartException([e.Message]);
        }
    }
}
