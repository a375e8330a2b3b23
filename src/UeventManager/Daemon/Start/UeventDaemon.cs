using Microsoft.Extensions.Hosting;
using UeventManager.Daemon.Edge;
using UeventManager.Daemon.Loop;
using UeventManager.RuleFiles;

namespace UeventManager.Daemon.Start;

/// <summary>
/// The hosted service. Sockets are bound and the first state is read before <see cref="StartAsync"/> ends. The end is orderly at any time, also in
/// the middle of the start: sockets are closed, and hanging reads are not waited for.
/// </summary>
internal sealed class UeventDaemon(Task<RuleLoad> rules, DaemonOptions options, DaemonLog log, IHostApplicationLifetime lifetime) : IHostedService, IDisposable
{
    private DaemonComposition? _daemon;
    private ServiceContext? _service;
    private bool _isStopping;

    /// <summary>True if the engine ended because of a bug.</summary>
    public bool HasFailed { get; private set; }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        DescriptorShares.Raise();
        var service = _service = ServiceContext.Take();
        var loaded = await rules.WaitAsync(cancellationToken).ConfigureAwait(false);
        var daemon = _daemon = PipelineStart.Open(loaded, options, log, service, options.Socket is { } path ? () => SubscriberSocket.Open(path, options, service) : null);
        daemon.Loop.Failed = _ =>
        {
            HasFailed = true;
            lifetime.StopApplication();
        };
        daemon.Loop.Start();
        ProcessSignals.OnHangUp(() => daemon.Reload.Begin());
        service.Passed.Dispose();
        await daemon.Loop.Ready.WaitAsync(cancellationToken).ConfigureAwait(false);
        daemon.Loop.Post(() =>
        {
            service.Notifier?.Ready(daemon.Status.Line());
            options.ReadyDescriptor?.Ready();
        });
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Stop();
        return Task.CompletedTask;
    }

    /// <summary>Ends everything that has begun. A second call does nothing.</summary>
    public void Stop()
    {
        if (_daemon is null || _isStopping)
            return;
        _isStopping = true;
        log.Stopping();
        _service?.Notifier?.Stopping();
        _daemon.Stop();
    }

    public void Dispose()
    {
        _daemon?.Dispose();
        _service?.Dispose();
    }
}
