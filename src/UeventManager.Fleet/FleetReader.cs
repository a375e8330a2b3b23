using System.Runtime.CompilerServices;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace UeventManager.Fleet;

/// <summary>
/// Reads the stream in order through consumers of its own. Each has one filter, which is part of the subject that creates it: so permissions can name
/// the filter, and servers without lists of filters (before 2.10) know it.
/// </summary>
internal sealed class FleetReader(NatsConnection nats, string stream)
{
    // For the first consumer only: later the broker may be away for any time.
    private const int MostAttempts = 3;

    private static readonly TimeSpan s_beat = TimeSpan.FromSeconds(5);
    private readonly NatsJSContext _context = new(nats);

    /// <summary>Reads the present newest message of each subject.</summary>
    /// <param name="filter">A pattern of subjects.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public Task<IReadOnlyList<FleetMessage>> ReadAsync(string filter, CancellationToken cancellationToken) => ReadAfterAsync(filter, 0, cancellationToken);

    /// <summary>Reads the messages that the stream has now after a place.</summary>
    /// <param name="filter">A pattern of subjects.</param>
    /// <param name="after">The place; 0 for the newest message of each subject.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public async Task<IReadOnlyList<FleetMessage>> ReadAfterAsync(string filter, ulong after, CancellationToken cancellationToken)
    {
        var messages = new List<FleetMessage>();
        await foreach (ReaderItem item in FollowOnceAsync(filter, after, cancellationToken).ConfigureAwait(false))
        {
            if (item.Message is { } message)
                messages.Add(message);
            if (item.Pending == 0)
                return messages;
        }
        throw new NatsJSException("the stream could not be read to its end");
    }

    /// <summary>
    /// Reads the newest message of each subject, or everything after a place in the stream, and then all that follows; it creates further consumers
    /// as needed.
    /// </summary>
    /// <param name="filter">A pattern of subjects.</param>
    /// <param name="from">The place; none for the newest messages.</param>
    /// <param name="lost">Called when reading must continue with another consumer.</param>
    /// <param name="cancellationToken">Ends the reading, with <see cref="OperationCanceledException"/>.</param>
    public async IAsyncEnumerable<ReaderItem> FollowAsync(string filter, FleetPosition from, Action<Exception>? lost, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        (ulong newest, ulong after) = from;
        bool began = false;
        int attempts = 0;
        TimeSpan delay = TimeSpan.Zero;
        var seen = new SeenMessages();
        while (true)
        {
            Exception? failure = null;
            // A purge up to this sequence removes only messages that were read before.
            ulong whole = after;
            string? anew = null;
            if (began || after > 0)
            {
                ulong? last = await LastSequenceAsync(cancellationToken).ConfigureAwait(false);
                anew = last < Math.Max(newest, after) ? "brokerLost" : after > 0 && await WasPrunedAsync(filter, after, cancellationToken).ConfigureAwait(false) ? "superseded" : null;
            }
            if (after == 0)
                whole = await LastSequenceAsync(cancellationToken).ConfigureAwait(false) ?? ulong.MaxValue;
            ulong begun = whole;
            using var broken = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            AsyncEventHandler<NatsEventArgs> opened = (_, _) =>
            {
                // Messages under way may be lost when the connection breaks, and a consumer in memory does not outlive its server.
                broken.Cancel();
                return default;
            };
            nats.ConnectionOpened += opened;
            IAsyncEnumerator<ReaderItem> items = FollowOnceAsync(filter, anew is not null ? 0 : seen.Begin(after), broken.Token).GetAsyncEnumerator(cancellationToken);
            try
            {
                while (anew is null)
                {
                    try
                    {
                        if (!await items.MoveNextAsync().ConfigureAwait(false))
                            break;
                    }
                    catch (Exception e) when (!cancellationToken.IsCancellationRequested && (began || (IsPassing(e) && ++attempts < MostAttempts)) && IsLoss(e))
                    {
                        failure = e;
                        break;
                    }
                    if (items.Current.Message is { } message)
                    {
                        anew = !seen.IsSame(message, after) ? "brokerLost" : IsMissed(message, begun, whole) ? "superseded" : null;
                        if (anew is not null)
                            break;
                        if (message.Sequence <= after)
                            continue;
                        after = message.Sequence;
                        if (items.Current.Pending == 0 && whole != ulong.MaxValue)
                            whole = Math.Max(whole, after);
                    }
                    began = true;
                    delay = TimeSpan.Zero;
                    yield return items.Current;
                }
            }
            finally
            {
                nats.ConnectionOpened -= opened;
                await items.DisposeAsync().ConfigureAwait(false);
            }
            cancellationToken.ThrowIfCancellationRequested();
            if (anew is not null)
            {
                // The stream read so far is void.
                (newest, after) = (0, 0);
                seen.Clear();
                yield return ReaderItem.Again(anew);
                continue;
            }
            lost?.Invoke(failure ?? new NatsJSException("the consumer ended"));
            await Task.Delay(delay, cancellationToken).ConfigureAwait(false);
            delay = delay < TimeSpan.FromSeconds(1) ? delay + TimeSpan.FromMilliseconds(100) : delay;
        }
    }

    /// <summary>The sequence of the stream's newest message; null if no server answers.</summary>
    public async Task<ulong?> LastSequenceAsync(CancellationToken cancellationToken)
    {
        try
        {
            INatsJSStream found = await _context.GetStreamAsync(stream, cancellationToken: cancellationToken).ConfigureAwait(false);
            return found.Info.State.LastSeq;
        }
        catch (Exception e) when (IsLoss(e) && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    // True if messages after a place were purged.
    private async Task<bool> WasPrunedAsync(string filter, ulong after, CancellationToken cancellationToken)
    {
        try
        {
            return (await ReadAsync(FleetSubjects.PrunedOf(filter), cancellationToken).ConfigureAwait(false)).Any(message => FleetPruned.Of(message)?.Sequence > after);
        }
        catch (Exception e) when (IsLoss(e) && !cancellationToken.IsCancellationRequested)
        {
            // No consumer can be created either then, so the check is repeated.
            return false;
        }
    }

    // True if messages were purged before they were read. A purge is reported before it is done, so a reader that had read everything by then has
    // missed nothing.
    private static bool IsMissed(FleetMessage message, ulong begun, ulong whole) =>
        message.Sequence > begun && FleetPruned.Of(message)?.Sequence > whole;

    private async IAsyncEnumerable<ReaderItem> FollowOnceAsync(string filter, ulong after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var config = new ConsumerConfig
        {
            Name = "r" + Guid.NewGuid().ToString("N"),
            DeliverPolicy = after == 0 ? ConsumerConfigDeliverPolicy.LastPerSubject : ConsumerConfigDeliverPolicy.ByStartSequence,
            OptStartSeq = after == 0 ? 0 : after + 1,
            FilterSubject = filter,
            AckPolicy = ConsumerConfigAckPolicy.None,
            ReplayPolicy = ConsumerConfigReplayPolicy.Instant,
            InactiveThreshold = TimeSpan.FromSeconds(30),
            MemStorage = true,
            NumReplicas = 1,
        };
        INatsJSConsumer consumer = await _context.CreateOrUpdateConsumerAsync(stream, config, cancellationToken).ConfigureAwait(false);
        // The broker's clock may differ from the local one.
        DateTimeOffset created = consumer.Info.Created;
        ulong expected = 1;
        if (consumer.Info.NumPending == 0)
            yield return new ReaderItem(null, 0);
        using var silent = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var options = new NatsJSConsumeOpts
        {
            MaxMsgs = 1000,
            Expires = TimeSpan.FromSeconds(30),
            IdleHeartbeat = s_beat,
            NotificationHandler = (told, _) =>
            {
                if (told is NatsJSTimeoutNotification)
                    silent.Cancel();
                return Task.CompletedTask;
            },
        };
        await foreach (INatsJSMsg<byte[]> one in consumer.ConsumeAsync<byte[]>(opts: options, cancellationToken: silent.Token).ConfigureAwait(false))
        {
            if (one.Metadata is not { } place)
                continue;
            // A message is missing: the next consumer begins after the last one seen.
            if (place.Sequence.Consumer != expected)
                yield break;
            expected++;
            TimeSpan age = created - place.Timestamp;
            FleetMessage message = FleetMessage.Of(one.Subject, place.Sequence.Stream, place.Timestamp, one.Data, one.Headers) with { Age = age > TimeSpan.Zero ? age : TimeSpan.Zero };
            yield return new ReaderItem(message, (long)place.NumPending);
        }
    }

    // Failures that a restarted broker, or another leader, repairs.
    private static bool IsLoss(Exception e) => e is NatsException or OperationCanceledException or TimeoutException or IOException or System.Net.Sockets.SocketException;

    private static bool IsPassing(Exception e) => e is OperationCanceledException or NatsJSApiNoResponseException;
}

/// <summary>One item of <see cref="FleetReader.FollowAsync"/>.</summary>
/// <param name="Message">The message; null if the consumer begins without one, or if everything is read again.</param>
/// <param name="Pending">The number of messages not read yet: at 0 the state is complete.</param>
/// <param name="Anew">Not null if the messages read so far are void and everything is read again: the reason, as a gap gives it.</param>
internal readonly record struct ReaderItem(FleetMessage? Message, long Pending, string? Anew = null)
{
    /// <summary>Announces that everything is read again.</summary>
    public static ReaderItem Again(string reason) => new(null, -1, reason);
}
