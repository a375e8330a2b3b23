using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;
using UeventManager.Fleet;

namespace UeventManager.Nats.Verbs;

/// <summary>
/// Tells consumers what is purged: whoever reads on from a place before it cannot know otherwise that a device is gone. It is told before anything is purged, and
/// afterwards where the stream was too full to take it, or a whole host is gone, of which those that watch must hear.
/// </summary>
/// <param name="js">The broker.</param>
internal sealed class PruneNotices(NatsJSContext js)
{
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);

    /// <summary>Says what will be purged of a host.</summary>
    public async Task BeforeAsync(string host, ulong sequence, CancellationToken cancel)
    {
        if ((await PublishAsync(new FleetPruned { Host = host, Sequence = sequence }, cancel).ConfigureAwait(false)).Error is null)
            _told.Add(host);
    }

    /// <summary>Says what was, where it was not said yet.</summary>
    /// <exception cref="NatsJSApiException">The stream does not take it.</exception>
    public async Task AfterAsync(string host, ulong sequence, bool isWhole, CancellationToken cancel)
    {
        if (!isWhole && _told.Contains(host))
            return;
        (await PublishAsync(new FleetPruned { Host = host, Sequence = sequence, Whole = isWhole }, cancel).ConfigureAwait(false)).EnsureSuccess();
    }

    private async Task<PubAckResponse> PublishAsync(FleetPruned notice, CancellationToken cancel) =>
        await js.PublishAsync(FleetSubjects.Pruned(notice.Host), notice.ToJson(), cancellationToken: cancel).ConfigureAwait(false);
}
