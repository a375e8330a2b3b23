using Microsoft.Extensions.Hosting;

namespace UeventManager.Daemon.Start;

/// <summary>
/// The host lives until its token is cancelled. Its own lifetime would answer signals beside <see cref="ProcessSignals"/>, and give them back to the
/// system while the daemon still ends.
/// </summary>
internal sealed class SignalLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
