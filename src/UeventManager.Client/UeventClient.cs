using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace UeventManager.Client;

/// <summary>
/// A client of the daemon. Its calls may run at the same time: each takes the idle connection or opens one of its own. A subscription keeps
/// its connection until it ends.
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
    /// <summary>Where the daemon listens unless it was told otherwise.</summary>
    public const string DefaultSocketPath = SocketPath.Default;

    private const string Devices = "org.ueventmanager.Devices.";

    private readonly Func<CancellationToken, Task<Stream>> _connect;
    private VarlinkClientConnection? _idle;

    /// <summary>Makes a client that connects when it first needs to.</summary>
    /// <param name="connect">Opens one more connection to the daemon.</param>
    public UeventClient(Func<CancellationToken, Task<Stream>> connect)
    {
        ArgumentNullException.ThrowIfNull(connect);
        _connect = connect;
    }

    /// <summary>False if there is one connection and never another.</summary>
    internal bool CanReconnect { get; private init; } = true;

    /// <summary>Connects to a daemon.</summary>
    /// <param name="path">Its socket file; null for what <see cref="SocketPath.Find"/> finds.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The client.</returns>
    /// <exception cref="DaemonUnreachableException">There is no daemon, or one may not connect.</exception>
    public static async Task<UeventClient> ConnectAsync(string? path = null, CancellationToken cancellationToken = default)
    {
        UeventClient client = Of(path);
        client._idle = new VarlinkClientConnection(await client._connect(cancellationToken).ConfigureAwait(false));
        return client;
    }

    /// <summary>Makes a client that connects when it first needs to: the daemon need not run yet.</summary>
    /// <param name="path">The daemon's socket file; null for what <see cref="SocketPath.Find"/> finds whenever it connects.</param>
    /// <returns>The client.</returns>
    public static UeventClient Of(string? path = null) => new(cancellationToken => VarlinkClientConnection.OpenAsync(path ?? SocketPath.Find(), cancellationToken));

    /// <summary>Uses a socket that is already connected, as one end of a socket pair. There is no second one: calls run one after another.</summary>
    /// <param name="socket">A connected stream socket; closed with the client.</param>
    /// <returns>The client.</returns>
    public static UeventClient FromSocket(Socket socket) =>
        new(static _ => throw new DaemonUnreachableException("the one connection of this client is in use or lost"))
        {
            _idle = new VarlinkClientConnection(new NetworkStream(socket, ownsSocket: true)),
            CanReconnect = false,
        };

    /// <summary>
    /// Follows what happens, and goes on where it stopped when the connection was lost. A consumer that takes each <see cref="StateChange"/> for the
    /// whole picture and applies every <see cref="EventsChange"/> is always right; <see cref="DeviceTable"/> does that. A
    /// <see cref="ReadyChange"/> says that a cursor was resumed: nothing was missed. A gap becomes a state that tells the
    /// <see cref="StateChange.Gap"/>; only for a stateless subscriber it stays a <see cref="GapChange"/>.
    /// </summary>
    /// <param name="filter">Which devices; null for all.</param>
    /// <param name="options">Where to begin and how to reconnect.</param>
    /// <param name="cancellationToken">Ends the subscription, with <see cref="OperationCanceledException"/>.</param>
    /// <returns>The stream; it ends by an exception only.</returns>
    /// <exception cref="DaemonUnreachableException">The daemon could not be reached at the first attempt.</exception>
    /// <exception cref="VarlinkErrorException">The daemon refused, as with InvalidParameter for a bad filter.</exception>
    public IAsyncEnumerable<Change> SubscribeAsync(
        DeviceFilter? filter = null, SubscribeOptions? options = null, CancellationToken cancellationToken = default) =>
        new ResumingSubscription(this, filter, options ?? new SubscribeOptions()).RunAsync(cancellationToken);

    // Over one connection, as it comes: the state in parts, unless a cursor resumes, then a ReadyChange, then every change. The state follows a gap in the
    // same form.
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

    /// <summary>What one reply of <c>Subscribe</c> tells.</summary>
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
            throw new VarlinkProtocolException("The daemon's reply is not as its interface says: " + e.Message, e);
        }
    }

    private async ValueTask<VarlinkClientConnection> TakeAsync(CancellationToken cancellationToken) =>
        Interlocked.Exchange(ref _idle, null) ?? new VarlinkClientConnection(await _connect(cancellationToken).ConfigureAwait(false));
}
