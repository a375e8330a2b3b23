using System.Runtime.CompilerServices;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace UeventManager.Fleet;

/// <summary>
/// Reads the stream in order by consumers of its own, each with one filter, which is part of the subject by which it is made: so permissions can name
/// it, and servers that know no lists of filters (before 2.10) have it.
/// </summary>
internal sealed class FleetReader(NatsConnection nats, string stream)
{
    private static readonly TimeSpan s_beat = TimeSpan.FromSeconds(5);
    private readonly NatsJSContext _context = new(nats);

    /// <summary>The newest message of each subject as it is now.</summary>
    /// <param name="filter">A pattern of subjects.</param>
    /// <param name="cancellationToken">Ends it.</param>
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
    /// The newest message of each subject, or what is behind a place of the stream, and then all that follows; over as many consumers as it takes.
    /// </summary>
    /// <param name="filter">A pattern of subjects.</param>
    /// <param name="after">The place; 0 for the newest messages.</param>
    /// <param name="lost">Told when it must go on by another consumer.</param>
    /// <param name="cancellationToken">Ends it, with <see cref="OperationCanceledException"/>.</param>
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
                // Whatever was on its way when the connection broke may be lost, and a consumer in memory does not outlive its server.
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
                // What was known of the stream is gone.
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

    /// <summary>The sequence of the stream's newest message; null if nobody says.</summary>
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
            // One that is missing: the next consumer begins behind the last that was seen.
            if (place.Sequence.Consumer != expected)
                yield break;
            expected++;
            yield return new ReaderItem(FleetMessage.Of(one.Subject, place.Sequence.Stream, place.Timestamp, one.Data, one.Headers), (long)place.NumPending);
        }
    }

    // What a broker that comes back, or another leader, mends.
    private static bool IsLoss(Exception e) => e is NatsException or OperationCanceledException or TimeoutException or IOException or System.Net.Sockets.SocketException;

    private static bool IsPassing(Exception e) => e is OperationCanceledException or NatsJSApiNoResponseException;
}

/// <summary>One item of <see cref="FleetReader.FollowAsync"/>.</summary>
/// <param name="Message">The message; null if there is none to begin with.</param>
/// <param name="Pending">How many are there that were not read yet: at 0 the state is whole.</param>
internal readonly record struct ReaderItem(FleetMessage? Message, long Pending)
{
    /// <summary>The stream is another one: nothing of what was read is there any more.</summary>
    public static ReaderItem Anew => new(null, -1);
}
