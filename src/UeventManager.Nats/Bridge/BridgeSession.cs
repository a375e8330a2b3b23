using System.Diagnostics;
using System.Net.Sockets;
using UeventManager.Client;
using UeventManager.Fleet;

namespace UeventManager.Nats.Bridge;

/// <summary>
/// Publishes the events of a host's daemon over one connection to the broker, until an error ends the connection. Messages are sent in flights of
/// distinct subjects, each after the previous one is acknowledged, so only messages of the last flight can be missing from the stream.
/// </summary>
internal sealed class BridgeSession(BridgeOptions options, BridgeLease lease, BrokerPublisher publisher, Func<CancellationToken, Task> renew, int mostPayload)
{
    private const int MostMessages = 64;
    private const int MostBytes = 512 << 10;
    private const int HeaderBytes = 4096; // At most: a subject's part may have 1,024 bytes.

    private readonly int _mostBatchBytes = Math.Min(128 << 10, mostPayload - HeaderBytes);

    private readonly MessagePlan _plan = new(options.Host, options.Boot, options.Instance + "." + Guid.NewGuid().ToString("N")[..8]);
    private readonly List<OutMessage> _flight = [];
    private readonly Dictionary<string, int> _inFlight = new(StringComparer.Ordinal);
    private HostLedger _ledger = new();
    private Dictionary<string, string> _told = [];
    private int _bytes;
    private long _flights; // Odd while one is under way.
    private string? _after;
    private string? _cursor;
    private List<UeventDevice>? _state;
    private string? _gap;
    private string? _half; // A transaction of which the stream had a part when this began.

    /// <summary>Checks that all messages in the stream are this bridge's. Any thread may call it.</summary>
    /// <param name="messages">The newest message of each subject.</param>
    /// <param name="cancel">Cancels the wait for messages in progress.</param>
    /// <exception cref="ForeignMessageException">Another client wrote one of them.</exception>
    public async Task RequireOwnAsync(IReadOnlyList<FleetMessage> messages, CancellationToken cancel)
    {
        IReadOnlyList<FleetMessage> foreign = _ledger.Foreign(messages);
        // Messages of a flight are in the stream before they are acknowledged.
        for (long seen = Volatile.Read(ref _flights); foreign.Count > 0 && Volatile.Read(ref _flights) is var now && now - seen < 2 && now % 2 == 1;)
            await Task.Delay(20, cancel).ConfigureAwait(false);
        if (_ledger.Foreign(foreign) is [var first, ..])
            throw new ForeignMessageException($"another client wrote {first.Subject}, perhaps the host's previous bridge");
    }

    /// <summary>Follows the daemon while the broker is connected, over as many connections to the daemon as necessary.</summary>
    /// <param name="ledger">The content of the stream.</param>
    /// <param name="resume">The place at which the daemon's events continue.</param>
    /// <param name="cancel">Ends the session, with <see cref="OperationCanceledException"/>.</param>
    public async Task RunAsync(HostLedger ledger, ResumePoint resume, CancellationToken cancel)
    {
        _ledger = ledger;
        lease.Devices = ledger.Count;
        _half = ledger.Half;
        (_cursor, _after, _told) = (resume.Cursor, resume.After ?? resume.Cursor, resume.Told);
        TimeSpan delay = TimeSpan.FromMilliseconds(50);
        while (true)
        {
            await using var reader = new DaemonReader(options.Connect, _cursor, cancel);
            try
            {
                (_state, _gap) = (null, _cursor is not null ? null : resume.Reason ?? (_ledger.LastSequence == 0 ? "started" : "noCursor"));
                while (true)
                {
                    IReadOnlyList<Change> changes = await reader.NextAsync(cancel).ConfigureAwait(false);
                    if (lease.State != "running")
                    {
                        lease.State = "running";
                        options.Say("connected to the daemon again");
                        await renew(cancel).ConfigureAwait(false);
                    }
                    delay = TimeSpan.FromMilliseconds(50);
                    foreach (Change change in changes)
                        await TakeAsync(change, cancel).ConfigureAwait(false);
                    if (reader.IsEmpty)
                        await FlushAsync(cancel).ConfigureAwait(false);
                }
            }
            catch (Exception e) when (IsDaemonAway(e) && !cancel.IsCancellationRequested)
            {
                await FlushAsync(cancel).ConfigureAwait(false);
                if (lease.State == "running")
                {
                    lease.State = "daemonAway";
                    options.Say($"{e.Message}; trying until it is back");
                    await renew(cancel).ConfigureAwait(false);
                }
            }
            await Task.Delay(delay, cancel).ConfigureAwait(false);
            delay = delay < TimeSpan.FromSeconds(2) ? delay * 2 : delay;
        }
    }

    private static bool IsDaemonAway(Exception e) =>
        e is DaemonUnreachableException or IOException or SocketException
        || (e is VarlinkErrorException { Error: var error } && error.EndsWith(".TooManySubscribers", StringComparison.Ordinal));

    private async Task TakeAsync(Change change, CancellationToken cancel)
    {
        switch (change)
        {
            case GapChange gap:
                await FlushAsync(cancel).ConfigureAwait(false);
                (_state, _gap) = ([], gap.Gap.Reason);
                break;
            case StateChange part:
                (_state ??= []).AddRange(part.Devices);
                break;
            case ReadyChange ready when _gap is not null:
                await PublishStateAsync(ready.Cursor ?? "", cancel).ConfigureAwait(false);
                break;
            case EventsChange { Events: var events }:
                for (int first = 0, next; first < events.Count; first = next)
                {
                    for (next = first + 1; next < events.Count && events[next].Cursor == events[first].Cursor;)
                        next++;
                    await AddAsync([.. events.Skip(first).Take(next - first)], cancel).ConfigureAwait(false);
                }
                break;
            default:
                break;
        }
    }

    private async Task PublishStateAsync(string cursor, CancellationToken cancel)
    {
        // Events before the gap that did not reach the stream are covered by the state.
        _told = [];
        long realtime = (DateTime.UtcNow - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        long monotonic = (long)(Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency * 1e6);
        IReadOnlyList<OutMessage> messages = _plan.OfState(_state ?? [], cursor, _gap!, _ledger, (monotonic, realtime));
        lease.Gaps++;
        lease.LastGap = _gap;
        (_after, _state, _gap) = (null, null, null);
        await SendAsync(messages, cancel).ConfigureAwait(false);
        _half = null;
        SayWhole();
        (_after, _cursor) = (cursor, cursor);
        await renew(cancel).ConfigureAwait(false);
    }

    private async Task AddAsync(IReadOnlyList<UeventEvent> events, CancellationToken cancel)
    {
        string cursor = events[^1].Cursor;
        // A plan depends on the content of the stream, so earlier messages must be stored first if several subjects, or a subject's old name, matter.
        if (events.Count > 1 || events[0].OldDevPath is not null)
            await FlushAsync(cancel).ConfigureAwait(false);
        IReadOnlyList<OutMessage> planned = _plan.OfEvents(events, _ledger);
        OutMessage[] messages = [.. planned.Where(one => !IsTold(one))];
        if (planned.Count > 1)
        {
            await FlushAsync(cancel).ConfigureAwait(false);
            await SendAsync(messages, cancel).ConfigureAwait(false);
            if (planned[0].Part?.Id == _half)
                _half = null;
            SayWhole();
        }
        else if (messages is [var only])
            await AddAsync(only, cancel).ConfigureAwait(false);
        // These subjects may differ from those planned now.
        foreach (string subject in _told.Where(one => one.Value == cursor).Select(static one => one.Key).ToArray())
            _told.Remove(subject);
        _cursor = cursor;
        if (_flight.Count == 0 && _told.Count == 0)
            _after = cursor;
    }

    // True if the message was in the stream before this bridge began: an earlier bridge was killed after sending it.
    private bool IsTold(OutMessage message) => _told.ContainsKey(message.Subject);

    private async Task AddAsync(OutMessage message, CancellationToken cancel)
    {
        // Successive events of one device become one message, because only one message of a subject may be in progress.
        if (_inFlight.TryGetValue(message.Subject, out int at) && at == _flight.Count - 1
            && _flight[at].Payload.Length + message.Payload.Length < _mostBatchBytes)
        {
            _bytes += message.Payload.Length;
            _flight[at] = message with { Payload = (byte[])[.. _flight[at].Payload.Span, (byte)'\n', .. message.Payload.Span] };
            return;
        }
        if (_inFlight.ContainsKey(message.Subject) || _flight.Count >= MostMessages || _bytes + message.Payload.Length > MostBytes)
            await FlushAsync(cancel).ConfigureAwait(false);
        _inFlight.Add(message.Subject, _flight.Count);
        _flight.Add(message);
        _bytes += message.Payload.Length;
    }

    private async Task FlushAsync(CancellationToken cancel)
    {
        if (_flight.Count == 0)
            return;
        await SendOnceAsync(_flight, cancel).ConfigureAwait(false);
        _flight.Clear();
        _inFlight.Clear();
        _bytes = 0;
        SayWhole();
        if (_told.Count == 0)
            _after = _cursor;
    }

    private void SayWhole()
    {
        if (_half is null)
            lease.WholeTo = _ledger.LastSequence;
    }

    private async Task SendAsync(IReadOnlyList<OutMessage> messages, CancellationToken cancel)
    {
        if (messages.Count == 0)
            return;
        for (int i = 0; i < messages.Count; i += MostMessages)
            await SendOnceAsync([.. messages.Skip(i).Take(MostMessages)], cancel).ConfigureAwait(false);
    }

    private async Task SendOnceAsync(List<OutMessage> messages, CancellationToken cancel)
    {
        // After this process was stopped for long, another bridge may publish for the host.
        if (!lease.IsFresh)
            await renew(cancel).ConfigureAwait(false);
        if (messages.Find(one => one.Payload.Length > mostPayload - HeaderBytes) is { } large)
            throw new RefusedException($"the message of {large.Subject}, {large.Payload.Length} bytes, is too large for the broker (raise max_payload, {mostPayload}, in the server's configuration)");
        Interlocked.Increment(ref _flights);
        PublishAnswer[] answers = await publisher.PublishAsync(messages, one => one.Headers(_after, options.Boot, _ledger.Expected(one.Subject)), cancel).ConfigureAwait(false);
        for (int i = 0; i < answers.Length; i++)
        {
            if (answers[i].Sequence == 0)
                throw BridgeErrors.Of(answers[i], messages[i].Subject);
            // The message is not where the stream showed it a moment ago: it was purged, or written since. Until the server forgets the id, further
            // messages about the device would be refused.
            if (answers[i].IsDuplicate)
                throw new ForeignMessageException($"the broker knows a message of {messages[i].Subject} that the stream did not have");
            _ledger.Put(messages[i], answers[i].Sequence, _after);
        }
        Interlocked.Increment(ref _flights);
        lease.Devices = _ledger.Count;
    }
}
