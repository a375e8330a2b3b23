using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;
using UeventManager.Fleet;

namespace UeventManager.Nats.Verbs;

/// <summary>
/// Reports purges to consumers: without a report, a consumer that continues from an older place cannot know that a device is gone. The report comes
/// before the purge. It comes afterwards if the stream was too full for it, or if a whole host is purged, so that consumers that are reading learn of
/// it.
/// </summary>
/// <param name="js">The broker.</param>
internal sealed class PruneNotices(NatsJSContext js)
{
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);

    /// <summary>Reports a purge that is about to happen.</summary>
    public async Task BeforeAsync(string host, ulong sequence, CancellationToken cancel)
    {
        if ((await PublishAsync(new FleetPruned { Host = host, Sequence = sequence }, cancel).ConfigureAwait(false)).Error is null)
            _told.Add(host);
    }

    /// <summary>Reports a purge that has happened, unless it was reported before.</summary>
    /// <exception cref="NatsJSApiException">The stream does not store the report.</exception>
    public async Task AfterAsync(string host, ulong sequence, bool isWhole, CancellationToken cancel)
    {
        if (!isWhole && _told.Contains(host))
            return;
        (await PublishAsync(new FleetPruned { Host = host, Sequence = sequence, Whole = isWhole }, cancel).ConfigureAwait(false)).EnsureSuccess();
    }

    private async Task<PubAckResponse> PublishAsync(FleetPruned notice, CancellationToken cancel) =>
        await js.PublishAsync(FleetSubjects.Pruned(notice.Host), notice.ToJson(), cancellationToken: cancel).ConfigureAwait(false);
}
