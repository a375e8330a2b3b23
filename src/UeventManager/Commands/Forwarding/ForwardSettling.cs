using UeventManager.Client;

namespace UeventManager.Commands.Forwarding;

/// <summary>What <c>udevadm settle</c> asks for: that everything is told which the kernel had sent before.</summary>
/// <param name="client">Asks the daemon.</param>
/// <param name="filter">Whose events are told; null for all.</param>
/// <param name="session">Tells them.</param>
internal sealed class ForwardSettling(UeventClient client, DeviceFilter? filter, ForwardSession session)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan QueueDelay = TimeSpan.FromMilliseconds(1);

    /// <summary>Waits for it, also over a time in which there is no daemon: what happened meanwhile is told once it is back.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                await client.SettleAsync(filter, cancellationToken: cancel).ConfigureAwait(false);
                while (await IsQueuedAsync(cancel).ConfigureAwait(false))
                    await Task.Delay(QueueDelay, cancel).ConfigureAwait(false);
                await session.DrainAsync(cancel).ConfigureAwait(false);
                return;
            }
            catch (Exception e) when (e is DaemonUnreachableException or WaitTimeoutException)
            {
                await Task.Delay(RetryDelay, cancel).ConfigureAwait(false);
            }
        }
    }

    // What the daemon has delivered and the socket between us has not taken yet.
    private async Task<bool> IsQueuedAsync(CancellationToken cancel)
    {
        DaemonStatus status = await client.StatusAsync(cancel).ConfigureAwait(false);
        return status.Subscribers.Any(static one => one.Pid == Environment.ProcessId && one.QueuedEvents > 0);
    }
}
