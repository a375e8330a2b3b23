using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace UeventManager.Client;

/// <summary>
/// A client of the daemon. Its calls may run at the same time: each takes the idle connection or opens one of its own. A subscription keeps
/// its connection until it ends.
/// </summary>
public sealed class UeventClient : IAsyncDisposable
{
    /// <summary>Where the daemon listens unless it was told otherwise.</summary>
    public const string DefaultSocketPath = "/run/uevent-manager/socket";

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

    /// <summary>Connects to a daemon.</summary>
    /// <param name="path">Its socket file.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <returns>The client.</returns>
    /// <exception cref="DaemonUnreachableException">There is no daemon, or one may not connect.</exception>
    public static async Task<UeventClient> ConnectAsync(string path = DefaultSocketPath, CancellationToken cancel = default)
    {
        var client = new UeventClient(more => VarlinkClientConnection.OpenAsync(path, more));
        client._idle = new VarlinkClientConnection(await client._connect(cancel).ConfigureAwait(false));
        return client;
    }

    /// <summary>Uses a socket that is already connected, as one end of a socket pair. There is no second one: calls run one after another.</summary>
    /// <param name="socket">A connected stream socket; closed with the client.</param>
    /// <returns>The client.</returns>
    public static UeventClient FromSocket(Socket socket) =>
        new(static _ => throw new DaemonUnreachableException("the one connection of this client is in use or lost"))
        {
            _idle = new VarlinkClientConnection(new NetworkStream(socket, ownsSocket: true)),
        };

    /// <summary>Follows what happens: the state first, unless a cursor resumes, then every change.</summary>
    /// <param name="filter">Which devices; null for all.</param>
    /// <param name="cursor">Where to resume; null for the state.</param>
    /// <param name="stateless">True to see no state, also after a gap.</param>
    /// <param name="unsettled">True to see devices too that still wait.</param>
    /// <param name="cancel">Ends the subscription, with <see cref="OperationCanceledException"/>.</param>
    /// <returns>The stream; it ends by an exception only.</returns>
    /// <exception cref="DaemonUnreachableException">The daemon cannot be reached, or went.</exception>
    /// <exception cref="VarlinkErrorException">The daemon refused, as with TooManySubscribers.</exception>
    public async IAsyncEnumerable<Change> SubscribeAsync(
        DeviceFilter? filter = null,
        string? cursor = null,
        bool stateless = false,
        bool unsettled = false,
        [EnumeratorCancellation] CancellationToken cancel = default)
    {
        var parameters = new SubscribeParameters(filter, cursor, stateless ? true : null, unsettled ? true : null);
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(parameters, WireJson.Default.SubscribeParameters);
        await using VarlinkClientConnection connection = await TakeAsync(cancel).ConfigureAwait(false);
        await foreach (VarlinkReply reply in connection.CallMoreAsync(Devices + "Subscribe", json, cancel).ConfigureAwait(false))
        {
            foreach (Change change in ChangesOf(Read(reply, WireJson.Default.SubscribeReply)))
                yield return change;
        }
        throw new DaemonUnreachableException("the daemon ended the subscription (was it stopped or restarted?)");
    }

    /// <summary>Lists the devices.</summary>
    /// <param name="filter">Which; null for all.</param>
    /// <param name="unsettled">True to see devices too that still wait.</param>
    /// <param name="cancel">Gives the call up.</param>
    /// <returns>The devices and a cursor from which to follow what comes after.</returns>
    public async Task<DeviceList> ListAsync(DeviceFilter? filter = null, bool unsettled = false, CancellationToken cancel = default)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(
            new ListParameters(filter, unsettled ? true : null), WireJson.Default.ListParameters);
        VarlinkClientConnection connection = await TakeAsync(cancel).ConfigureAwait(false);
        try
        {
            var devices = new List<UeventDevice>();
            string? cursor = null;
            await foreach (VarlinkReply reply in connection.CallMoreAsync(Devices + "List", json, cancel).ConfigureAwait(false))
            {
                DeviceList part = Read(reply, WireJson.Default.DeviceList);
                devices.AddRange(part.Devices);
                cursor = part.Cursor ?? cursor;
            }
            return new DeviceList { Devices = devices, Cursor = cursor };
        }
        finally
        {
            await GiveBackAsync(connection).ConfigureAwait(false);
        }
    }

    /// <summary>Gets one device.</summary>
    /// <param name="device">A devpath, <c>/sys/…</c>, <c>/dev/…</c> or <c>subsystem:sysname</c>.</param>
    /// <param name="cancel">Gives the call up.</param>
    /// <returns>The device as it was last announced.</returns>
    /// <exception cref="VarlinkErrorException">NoSuchDevice, or NotSettled: it still waits.</exception>
    public async Task<UeventDevice> GetAsync(string device, CancellationToken cancel = default)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(new GetParameters(device), WireJson.Default.GetParameters);
        return (await AskAsync(Devices + "Get", json, WireJson.Default.GetReply, cancel).ConfigureAwait(false)).Device;
    }

    /// <summary>Asks how the daemon is.</summary>
    /// <param name="cancel">Gives the call up.</param>
    /// <returns>Its status.</returns>
    public Task<DaemonStatus> StatusAsync(CancellationToken cancel = default) =>
        AskAsync(Devices + "Status", default, WireJson.Default.DaemonStatus, cancel);

    /// <summary>Asks what the daemon is.</summary>
    /// <param name="cancel">Gives the call up.</param>
    /// <returns>What it says of itself.</returns>
    public Task<ServiceInfo> GetInfoAsync(CancellationToken cancel = default) =>
        AskAsync("org.varlink.service.GetInfo", default, WireJson.Default.ServiceInfo, cancel);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _idle, null) is { } connection)
            await connection.DisposeAsync().ConfigureAwait(false);
    }

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

    private async Task<T> AskAsync<T>(string method, ReadOnlyMemory<byte> parameters, JsonTypeInfo<T> type, CancellationToken cancel)
    {
        VarlinkClientConnection connection = await TakeAsync(cancel).ConfigureAwait(false);
        try
        {
            return Read(await connection.CallAsync(method, parameters, cancel).ConfigureAwait(false), type);
        }
        finally
        {
            await GiveBackAsync(connection).ConfigureAwait(false);
        }
    }

    private async ValueTask<VarlinkClientConnection> TakeAsync(CancellationToken cancel) =>
        Interlocked.Exchange(ref _idle, null) ?? new VarlinkClientConnection(await _connect(cancel).ConfigureAwait(false));

    private async ValueTask GiveBackAsync(VarlinkClientConnection connection)
    {
        if (!connection.IsFree || Interlocked.CompareExchange(ref _idle, connection, null) is not null)
            await connection.DisposeAsync().ConfigureAwait(false);
    }
}
