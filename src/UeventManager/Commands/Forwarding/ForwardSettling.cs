using UeventManager.Client;

namespace UeventManager.Commands.Forwarding;

/// <summary>Serves <c>udevadm settle</c>: waits until every uevent that the kernel had sent before is forwarded.</summary>
/// <param name="client">The daemon.</param>
/// <param name="filter">The filter of forwarded events; null for all.</param>
/// <param name="session">The forwarding session.</param>
internal sealed class ForwardSettling(UeventClient client, DeviceFilter? filter, ForwardSession session)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan QueueDelay = TimeSpan.FromMilliseconds(1);

    /// <summary>Waits, also while there is no daemon: once it is back, events from the time between are forwarded first.</summary>
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

    // True while the daemon still queues delivered events for this process.
    private async Task<bool> IsQueuedAsync(CancellationToken cancel)
    {
        DaemonStatus status = await client.StatusAsync(cancel).ConfigureAwait(false);
        return status.Subscribers.Any(static one => one.Pid == Environment.ProcessId && one.QueuedEvents > 0);
    }
}
