namespace UeventManager.Client.Hosting;

/// <summary>Takes what a subscription tells. One call at a time, in order; the daemon keeps what a slow handler has not taken yet.</summary>
public interface IUeventHandler
{
    /// <summary>Takes one item.</summary>
    /// <param name="change">
    /// A <see cref="StateChange"/> is the whole picture: the first item, and again after something was lost. An <see cref="EventsChange"/> has what
    /// happened since.
    /// </param>
    /// <param name="cancellationToken">Cancelled when the application stops.</param>
    /// <returns>Done when the next item may come. An exception ends the subscription, and with the host's defaults the application.</returns>
    ValueTask HandleAsync(Change change, CancellationToken cancellationToken);
}
