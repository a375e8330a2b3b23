namespace UeventManager.Client.Hosting;

/// <summary>Handles the items of a subscription, one at a time and in order; the daemon queues items for a slow handler.</summary>
public interface IUeventHandler
{
    /// <summary>Handles one item.</summary>
    /// <param name="change">A <see cref="StateChange"/> contains all devices: it is the first item, and comes again after a loss. An
    /// <see cref="EventsChange"/> contains the events since then.</param>
    /// <param name="cancellationToken">Cancelled when the application stops.</param>
    /// <returns>Completes when the next item may come. An exception ends the subscription, and with the host's defaults the application.</returns>
    ValueTask HandleAsync(Change change, CancellationToken cancellationToken);
}
