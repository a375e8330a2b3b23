using System.Text.Json;
using System.Threading.Channels;
using UeventManager.Client;

namespace UeventManager.Nats.Bridge;

/// <summary>
/// A subscription that reads the daemon's replies ahead, up to a bound: the daemon keeps few events for a slow subscriber, and the broker is slower
/// than a storm. At the bound reading stops, and once the daemon's own queue is full too, it reports a gap.
/// </summary>
internal sealed class DaemonReader : IAsyncDisposable
{
    /// <summary>The most bytes of replies that are read ahead.</summary>
    public const int MostBytes = 24 << 20;

    private readonly Channel<byte[]> _replies = Channel.CreateUnbounded<byte[]>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    private readonly CancellationTokenSource _ended;
    private readonly SemaphoreSlim _room = new(0);
    private readonly Task _reading;
    private long _bytes;
    private bool _waits;

    /// <summary>Subscribes.</summary>
    /// <param name="connect">Opens a connection to the daemon.</param>
    /// <param name="cursor">The cursor to resume at; null for the state.</param>
    /// <param name="cancel">Ends the subscription.</param>
    public DaemonReader(Func<CancellationToken, Task<Stream>> connect, string? cursor, CancellationToken cancel)
    {
        _ended = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        _reading = ReadAsync(connect, cursor);
    }

    /// <summary>True if no reply waits to be taken.</summary>
    public bool IsEmpty => !_replies.Reader.TryPeek(out _);

    /// <summary>Takes the next reply.</summary>
    /// <param name="cancel">Cancels the wait.</param>
    /// <exception cref="DaemonUnreachableException">The daemon cannot be reached, or ended.</exception>
    public async Task<IReadOnlyList<Change>> NextAsync(CancellationToken cancel)
    {
        try
        {
            byte[] reply = await _replies.Reader.ReadAsync(cancel).ConfigureAwait(false);
            Interlocked.Add(ref _bytes, -reply.Length);
            if (Interlocked.Exchange(ref _waits, false))
                _room.Release();
            return [.. UeventClient.ChangesOf(new VarlinkReply(reply, true))];
        }
        catch (ChannelClosedException e)
        {
            throw e.InnerException ?? new DaemonUnreachableException("the daemon ended the subscription (was it stopped or restarted?)");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync().ConfigureAwait(false);
        await _reading.ConfigureAwait(false);
        _ended.Dispose();
        _room.Dispose();
    }

    private async Task ReadAsync(Func<CancellationToken, Task<Stream>> connect, string? cursor)
    {
        CancellationToken cancel = _ended.Token;
        try
        {
            byte[] json = JsonSerializer.SerializeToUtf8Bytes(new SubscribeParameters(null, cursor, null, null), WireJson.Default.SubscribeParameters);
            await using var connection = new VarlinkClientConnection(await connect(cancel).ConfigureAwait(false));
            await foreach (VarlinkReply reply in connection.CallMoreAsync("org.ueventmanager.Devices.Subscribe", json, cancel).ConfigureAwait(false))
            {
                byte[] copy = reply.Parameters.ToArray();
                while (Interlocked.Read(ref _bytes) + copy.Length > MostBytes && !IsEmpty)
                {
                    Interlocked.Exchange(ref _waits, true);
                    if (Interlocked.Read(ref _bytes) + copy.Length > MostBytes)
                        await _room.WaitAsync(cancel).ConfigureAwait(false);
                }
                Interlocked.Add(ref _bytes, copy.Length);
                _replies.Writer.TryWrite(copy);
            }
            _replies.Writer.TryComplete();
        }
        catch (Exception e)
        {
            _replies.Writer.TryComplete(e);
        }
    }
}
