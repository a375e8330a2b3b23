using Microsoft.Extensions.Hosting;

namespace UeventManager.Daemon.Start;

/// <summary>
/// The host runs until its token is cancelled. The default lifetime would handle signals in addition to <see cref="ProcessSignals"/>, and would
/// remove its handlers while the daemon is still ending.
/// </summary>
internal sealed class SignalLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
