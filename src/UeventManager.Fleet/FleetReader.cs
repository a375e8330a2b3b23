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
    private static readonly TimeSpan s_beat = TimeSpan.FromSeconds(5);
    private readonly NatsJSContext _context = new(nats);

    /// <summary>Reads the present newest message of each subject.</summary>
    /// <param name="filter">A pattern of subjects.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public async Task<IReadOnlyList<FleetMessage>> ReadAsync(string filter, CancellationToken cancellationToken)
    {
        var messages = new List<FleetMessage>();
        await foreach (ReaderItem item in FollowOnceAsync(filter, 0, cancellationToken).ConfigureAwait(false))
        {
            if (item.Message is { } message)
                messages.Add(message);
            if (item.Pending == 0)
                break;
        }
        return messages;
    }

    /// <summary>
    /// Reads the newest message of each subject, or everything after a place in the stream, and then all that follows; it creates further consumers
    /// as needed.
    /// </summary>
    /// <param name="filter">A pattern of subjects.</param>
    /// <param name="after">The place; 0 for the newest messages.</param>
    /// <param name="lost">Called when it must continue with another consumer.</param>
    /// <param name="cancellationToken">Ends reading, with <see cref="OperationCanceledException"/>.</param>
    public async IAsyncEnumerable<ReaderItem> FollowAsync(string filter, ulong after, Action<Exception>? lost, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        bool began = false;
        TimeSpan delay = TimeSpan.Zero;
        var seen = new SeenMessages();
        while (true)
        {
            Exception? failure = null;
            bool isAnew = began && await LastSequenceAsync(cancellationToken).ConfigureAwait(false) is { } last && last < after;
            using var broken = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            AsyncEventHandler<NatsEventArgs> opened = (_, _) =>
            {
                // Messages under way may be lost when the connection breaks, and a consumer in memory does not outlive its server.
                broken.Cancel();
                return default;
            };
            nats.ConnectionOpened += opened;
            IAsyncEnumerator<ReaderItem> items = FollowOnceAsync(filter, isAnew ? 0 : seen.Begin(after), broken.Token).GetAsyncEnumerator(cancellationToken);
            try
            {
                while (!isAnew)
                {
                    try
                    {
                        if (!await items.MoveNextAsync().ConfigureAwait(false))
                            break;
                    }
                    catch (Exception e) when (!cancellationToken.IsCancellationRequested && (began || IsPassing(e)) && IsLoss(e))
                    {
                        failure = e;
                        break;
                    }
                    if (items.Current.Message is { } message)
                    {
                        isAnew = !seen.IsSame(message, after);
                        if (isAnew)
                            break;
                        if (message.Sequence <= after)
                            continue;
                        after = message.Sequence;
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
            if (isAnew)
            {
                // The stream is a new one, so its old messages are gone.
                after = 0;
                seen.Clear();
                yield return ReaderItem.Anew;
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
            yield return new ReaderItem(FleetMessage.Of(one.Subject, place.Sequence.Stream, place.Timestamp, one.Data, one.Headers), (long)place.NumPending);
        }
    }

    // Failures that a restarted broker, or another leader, repairs.
    private static bool IsLoss(Exception e) => e is NatsException or OperationCanceledException or TimeoutException or IOException or System.Net.Sockets.SocketException;

    private static bool IsPassing(Exception e) => e is OperationCanceledException or NatsJSApiNoResponseException;
}

/// <summary>One item of <see cref="FleetReader.FollowAsync"/>.</summary>
/// <param name="Message">The message; null if there is none at the beginning.</param>
/// <param name="Pending">The number of stored messages not read yet: at 0 the state is complete.</param>
internal readonly record struct ReaderItem(FleetMessage? Message, long Pending)
{
    /// <summary>The stream was replaced: no message read before exists any more.</summary>
    public static ReaderItem Anew => new(null, -1);
}
