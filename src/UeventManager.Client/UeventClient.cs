using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace UeventManager.Client;

/// <summary>
/// A client of the daemon. Calls may run concurrently: each takes the idle connection or opens its own. A subscription keeps its connection until it
/// ends.
/// </summary>
/// <example>
/// <code>
/// await using UeventClient client = await UeventClient.ConnectAsync();
/// await foreach (Change change in client.SubscribeAsync(new DeviceFilter { Subsystems = ["net"] }))
/// {
///     if (change is StateChange state)
///         devices = state.Devices.ToDictionary(device => device.DevPath);
///     else if (change is EventsChange { Events: var events })
///         foreach (UeventEvent one in events)
///             Console.WriteLine($"{one.Action} {one.Device.DevPath}");
/// }
/// </code>
/// </example>
public sealed partial class UeventClient : IAsyncDisposable
{
    /// <summary>The daemon's default socket.</summary>
    public const string DefaultSocketPath = SocketPath.Default;

    private const string Devices = "org.ueventmanager.Devices.";

    private readonly Func<CancellationToken, Task<Stream>> _connect;
    private VarlinkClientConnection? _idle;

    /// <summary>Creates a client that connects at the first use.</summary>
    /// <param name="connect">Opens a further connection to the daemon.</param>
    public UeventClient(Func<CancellationToken, Task<Stream>> connect)
    {
        ArgumentNullException.ThrowIfNull(connect);
        _connect = connect;
    }

    /// <summary>False if the client has exactly one connection and cannot open another.</summary>
    internal bool CanReconnect { get; private init; } = true;

    /// <summary>Connects to a daemon.</summary>
    /// <param name="path">The daemon's socket file; null for the result of <see cref="SocketPath.Find"/>.</param>
    /// <param name="cancellationToken">Cancels the connect.</param>
    /// <returns>The client.</returns>
    /// <exception cref="DaemonUnreachableException">No daemon runs, or the caller may not connect.</exception>
    public static async Task<UeventClient> ConnectAsync(string? path = null, CancellationToken cancellationToken = default)
    {
        UeventClient client = Of(path);
        client._idle = new VarlinkClientConnection(await client._connect(cancellationToken).ConfigureAwait(false));
        return client;
    }

    /// <summary>Creates a client that connects at the first use: the daemon need not run yet.</summary>
    /// <param name="path">The daemon's socket file; null for the result of <see cref="SocketPath.Find"/> at each connect.</param>
    /// <returns>The client.</returns>
    public static UeventClient Of(string? path = null) => new(cancellationToken => VarlinkClientConnection.OpenAsync(path ?? SocketPath.Find(), cancellationToken));

    /// <summary>Uses a connected socket, such as one end of a socket pair. There is only this connection, so calls run one after another.</summary>
    /// <param name="socket">A connected stream socket; the client closes it.</param>
    /// <returns>The client.</returns>
    public static UeventClient FromSocket(Socket socket) =>
        new(static _ => throw new DaemonUnreachableException("this client's only connection is in use or lost"))
        {
            _idle = new VarlinkClientConnection(new NetworkStream(socket, ownsSocket: true)),
            CanReconnect = false,
        };

    /// <summary>
    /// Follows all changes, and resumes after a lost connection. A consumer is always right if it replaces its devices by each
    /// <see cref="StateChange"/> and applies every <see cref="EventsChange"/>; <see cref="DeviceTable"/> does that. A <see cref="ReadyChange"/> means
    /// that a cursor was resumed and nothing was missed. A gap is reported by the next state's <see cref="StateChange.Gap"/>; only a stateless
    /// subscriber gets a <see cref="GapChange"/>.
    /// </summary>
    /// <param name="filter">Selects devices; null for all.</param>
    /// <param name="options">Where to begin and how to reconnect.</param>
    /// <param name="cancellationToken">Ends the subscription, with <see cref="OperationCanceledException"/>.</param>
    /// <returns>The stream; it ends only with an exception.</returns>
    /// <exception cref="DaemonUnreachableException">The first attempt to reach the daemon failed.</exception>
    /// <exception cref="VarlinkErrorException">The daemon refused the call, as with InvalidParameter for a bad filter.</exception>
    public IAsyncEnumerable<Change> SubscribeAsync(
        DeviceFilter? filter = null, SubscribeOptions? options = null, CancellationToken cancellationToken = default) =>
        new ResumingSubscription(this, filter, options ?? new SubscribeOptions()).RunAsync(cancellationToken);

    // Over one connection, in the daemon's order: the state in parts, unless a cursor resumes, then a ReadyChange, then every change. After a gap the
    // state follows in the same form.
    internal async IAsyncEnumerable<Change> FollowOnceAsync(SubscribeParameters parameters, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(parameters, WireJson.Default.SubscribeParameters);
        await using VarlinkClientConnection connection = await TakeAsync(cancellationToken).ConfigureAwait(false);
        await foreach (VarlinkReply reply in connection.CallMoreAsync(Devices + "Subscribe", json, cancellationToken).ConfigureAwait(false))
        {
            foreach (Change change in ChangesOf(reply))
                yield return change;
        }
        throw new DaemonUnreachableException("the daemon ended the subscription (was it stopped or restarted?)");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _idle, null) is { } connection)
            await connection.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>The changes in one reply of <c>Subscribe</c>.</summary>
    internal static IEnumerable<Change> ChangesOf(VarlinkReply reply) => ChangesOf(Read(reply, WireJson.Default.SubscribeReply));

    private static IEnumerable<Change> ChangesOf(SubscribeReply reply)
    {
        if (reply.Gap is { } gap)
            yield return new GapChange(gap) { Cursor = reply.Cursor };
        if (reply.State is { } state)
            yield return new StateChange(state) { Cursor = reply.Cursor };
        if (reply.Events is { Count: > 0 } events)
            yield return new EventsChange(events) { Cursor = reply.Cursor ?? events[^1].Cursor };
        if (reply.Ready == true)
            yield return new ReadyChange { Cursor = reply.Cursor };
    }

    private static T Read<T>(VarlinkReply reply, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(reply.Parameters.Span, type)!;
        }
        catch (JsonException e)
        {
            throw new VarlinkProtocolException("The daemon's reply does not match its interface: " + e.Message, e);
        }
    }

    private async ValueTask<VarlinkClientConnection> TakeAsync(CancellationToken cancellationToken) =>
        Interlocked.Exchange(ref _idle, null) ?? new VarlinkClientConnection(await _connect(cancellationToken).ConfigureAwait(false));
}
