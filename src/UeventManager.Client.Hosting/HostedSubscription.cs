using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace UeventManager.Client.Hosting;

/// <summary>One subscription that runs as long as the application.</summary>
internal sealed partial class HostedSubscription(
    UeventClient client, UeventClientOptions options, DeviceFilter? filter, Func<Change, CancellationToken, ValueTask> handle, ILogger logger) : BackgroundService
{
    // Only the first failed attempt of an outage is logged, because further ones add nothing.
    private bool _isLost;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var subscribe = new SubscribeOptions
        {
            WaitForDaemon = options.WaitForDaemon,
            Unsettled = options.Unsettled,
            MaxDelay = options.MaxDelay,
            FirstDelay = TimeSpan.FromMilliseconds(Math.Min(50, options.MaxDelay.TotalMilliseconds)),
            Reconnecting = Lost,
        };
        try
        {
            await foreach (Change change in client.SubscribeAsync(filter, subscribe, stoppingToken).ConfigureAwait(false))
            {
                Tell(change);
                await handle(change, stoppingToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The application stops.
        }
    }

    private void Lost(Reconnecting lost)
    {
        if (!_isLost)
            LogLost(logger, lost.Reason.Message);
        _isLost = true;
    }

    private void Tell(Change change)
    {
        if (_isLost)
            LogBack(logger);
        _isLost = false;
        if (change is StateChange { Gap: { } gap, Devices.Count: var count })
            LogGap(logger, gap.Reason, count);
        else if (change is StateChange state)
            LogState(logger, state.Devices.Count);
    }

    [LoggerMessage(1, LogLevel.Warning, "uevent-manager's daemon cannot be reached; trying again: {Reason}")]
    private static partial void LogLost(ILogger logger, string reason);

    [LoggerMessage(2, LogLevel.Information, "uevent-manager's daemon is back")]
    private static partial void LogBack(ILogger logger);

    [LoggerMessage(3, LogLevel.Warning, "Uevents were lost ({Reason}); the state was read again: {Count} devices")]
    private static partial void LogGap(ILogger logger, string reason, int count);

    [LoggerMessage(4, LogLevel.Debug, "Subscribed: {Count} devices")]
    private static partial void LogState(ILogger logger, int count);
}
