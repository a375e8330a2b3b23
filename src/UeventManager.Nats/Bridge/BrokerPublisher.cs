using System.Globalization;
using System.Text.Json;
using NATS.Client.Core;

namespace UeventManager.Nats.Bridge;

/// <summary>
/// Publishes messages and receives the server's acknowledgements on one subscription: messages that are published together are all sent before the
/// first is acknowledged. One caller at a time uses it.
/// </summary>
internal sealed class BrokerPublisher : IAsyncDisposable
{
    private readonly NatsConnection _nats;
    private readonly string _inbox;
    private readonly TimeSpan _timeout;
    private readonly CancellationTokenSource _ended = new();
    private readonly Task _reading;
    private readonly Lock _lock = new();
    private readonly Dictionary<long, TaskCompletionSource<PublishAnswer>> _awaited = [];
    private readonly TaskCompletionSource _subscribed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? _broken;
    private long _last;

    /// <summary>Creates a publisher.</summary>
    /// <param name="nats">An open connection. When it breaks, create another publisher.</param>
    /// <param name="timeout">The longest time for an acknowledgement.</param>
    public BrokerPublisher(NatsConnection nats, TimeSpan timeout)
    {
        (_nats, _timeout) = (nats, timeout);
        // Next to the connection's own inbox, because the connection itself takes everything below that one.
        _inbox = $"{nats.Opts.InboxPrefix}.{Guid.NewGuid():N}";
        nats.ConnectionDisconnected += OnDisconnected;
        _reading = ReadAsync();
    }

    /// <summary>Publishes messages in order.</summary>
    /// <param name="messages">The messages.</param>
    /// <param name="headers">Returns a message's headers.</param>
    /// <param name="cancel">Cancels the wait; messages that were sent may or may not be stored.</param>
    /// <returns>The server's answer to each message.</returns>
    /// <exception cref="BrokerLostException">An answer is missing.</exception>
    public async Task<PublishAnswer[]> PublishAsync(IReadOnlyList<OutMessage> messages, Func<OutMessage, NatsHeaders> headers, CancellationToken cancel)
    {
        await _subscribed.Task.WaitAsync(_timeout, cancel).ConfigureAwait(false);
        var answers = new Task<PublishAnswer>[messages.Count];
        long first = _last + 1;
        try
        {
            for (int i = 0; i < messages.Count; i++)
            {
                OutMessage one = messages[i];
                answers[i] = Await(++_last);
                await _nats.PublishAsync(one.Subject, one.Payload, headers(one), $"{_inbox}.{_last.ToString(CultureInfo.InvariantCulture)}", cancellationToken: cancel).ConfigureAwait(false);
            }
            return await Task.WhenAll(answers).WaitAsync(_timeout, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or NatsException or IOException && !cancel.IsCancellationRequested)
        {
            throw new BrokerLostException(e is TimeoutException ? "the stream did not answer in time" : e.Message, e);
        }
        finally
        {
            Forget(first);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _nats.ConnectionDisconnected -= OnDisconnected;
        Break("it was closed");
        await _ended.CancelAsync().ConfigureAwait(false);
        try
        {
            await _reading.ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or NatsException)
        {
        }
        _ended.Dispose();
    }

    private Task<PublishAnswer> Await(long number)
    {
        var source = new TaskCompletionSource<PublishAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_broken is { } reason)
                throw new BrokerLostException(reason);
            _awaited.Add(number, source);
        }
        return source.Task;
    }

    private void Forget(long first)
    {
        lock (_lock)
        {
            for (long number = first; number <= _last; number++)
            {
                if (_awaited.Remove(number, out TaskCompletionSource<PublishAnswer>? source))
                    source.TrySetCanceled();
            }
        }
    }

    private ValueTask OnDisconnected(object? sender, NatsEventArgs told)
    {
        Break("the connection to the broker was lost");
        return default;
    }

    private void Break(string reason)
    {
        lock (_lock)
        {
            _broken ??= reason;
            foreach (TaskCompletionSource<PublishAnswer> source in _awaited.Values)
                source.TrySetException(new BrokerLostException(reason));
            _awaited.Clear();
        }
    }

    private async Task ReadAsync()
    {
        await using INatsSub<NatsMemoryOwner<byte>> answers = await _nats.SubscribeCoreAsync<NatsMemoryOwner<byte>>(_inbox + ".*", cancellationToken: _ended.Token).ConfigureAwait(false);
        // The server handles commands in order, so the subscription comes before everything that is published later.
        _subscribed.TrySetResult();
        await foreach (NatsMsg<NatsMemoryOwner<byte>> one in answers.Msgs.ReadAllAsync(_ended.Token).ConfigureAwait(false))
        {
            using NatsMemoryOwner<byte> data = one.Data;
            if (!long.TryParse(one.Subject.AsSpan(_inbox.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out long number))
                continue;
            PublishAnswer answer = one.Headers is { Code: 503 } ? PublishAnswer.NoStream : PublishAnswer.Parse(data.Span);
            lock (_lock)
            {
                if (_awaited.Remove(number, out TaskCompletionSource<PublishAnswer>? source))
                    source.TrySetResult(answer);
            }
        }
    }
}

/// <summary>The server's answer to a message.</summary>
/// <param name="Sequence">The message's place in the stream; 0 if it was not stored.</param>
/// <param name="ErrorCode">The server's error number; 0 if there is none.</param>
/// <param name="Error">The error's text.</param>
internal readonly record struct PublishAnswer(ulong Sequence, int ErrorCode, string? Error)
{
    /// <summary>Another client has written to the subject.</summary>
    public const int WrongLastSequence = 10071;

    /// <summary>True if the server already had a message with this id, at <see cref="Sequence"/>; it may have been purged since.</summary>
    public bool IsDuplicate { get; init; }

    /// <summary>No stream takes the subject.</summary>
    public static PublishAnswer NoStream => new(0, 503, "no stream accepts it");

    /// <summary>Reads an acknowledgement.</summary>
    public static PublishAnswer Parse(ReadOnlySpan<byte> json)
    {
        ulong sequence = 0;
        int code = 0;
        string? error = null;
        bool isDuplicate = false;
        try
        {
            var reader = new Utf8JsonReader(json);
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName)
                    continue;
                if (reader.CurrentDepth == 1 && reader.ValueTextEquals("seq"u8) && reader.Read())
                    sequence = reader.GetUInt64();
                else if (reader.CurrentDepth == 1 && reader.ValueTextEquals("duplicate"u8) && reader.Read())
                    isDuplicate = reader.GetBoolean();
                else if (reader.CurrentDepth == 2 && reader.ValueTextEquals("err_code"u8) && reader.Read())
                    code = reader.GetInt32();
                else if (reader.CurrentDepth == 2 && reader.ValueTextEquals("description"u8) && reader.Read())
                    error = reader.GetString();
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return new PublishAnswer(0, -1, "its answer is malformed");
        }
        return error is null && code == 0 && sequence > 0 ? new PublishAnswer(sequence, 0, null) { IsDuplicate = isDuplicate } : new PublishAnswer(0, code == 0 ? -1 : code, error ?? "it gave no reason");
    }
}
