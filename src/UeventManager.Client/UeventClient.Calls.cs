using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace UeventManager.Client;

// Calls with one answer. All of them may be repeated: a call on a connection that was idle during a restart of the daemon is.
public sealed partial class UeventClient
{
    /// <summary>Lists the devices.</summary>
    /// <param name="filter">Selects devices; null for all.</param>
    /// <param name="unsettled">True to include waiting devices.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The devices, and a cursor from which to follow later changes.</returns>
    public Task<DeviceList> ListAsync(DeviceFilter? filter = null, bool unsettled = false, CancellationToken cancellationToken = default)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(
            new ListParameters(filter, unsettled ? true : null), WireJson.Default.ListParameters);
        return UseAsync(connection => ListAsync(connection, json, cancellationToken), cancellationToken);
    }

    /// <summary>Gets one device.</summary>
    /// <param name="device">A devpath, <c>/sys/…</c>, <c>/dev/…</c> or <c>subsystem:sysname</c>.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The device as it was last announced.</returns>
    /// <exception cref="DeviceNotFoundException">The daemon does not know the device.</exception>
    /// <exception cref="VarlinkErrorException">NotSettled: the device still waits.</exception>
    public async Task<UeventDevice> GetAsync(string device, CancellationToken cancellationToken = default)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(new GetParameters(device), WireJson.Default.GetParameters);
        return (await AskAsync(Devices + "Get", json, WireJson.Default.GetReply, cancellationToken).ConfigureAwait(false)).Device;
    }

    /// <summary>Gets one device if it exists and is announced.</summary>
    /// <param name="device">A devpath, <c>/sys/…</c>, <c>/dev/…</c> or <c>subsystem:sysname</c>.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The device as it was last announced; null if the daemon does not know it, or it still waits.</returns>
    public async Task<UeventDevice?> TryGetAsync(string device, CancellationToken cancellationToken = default)
    {
        try
        {
            return await GetAsync(device, cancellationToken).ConfigureAwait(false);
        }
        catch (VarlinkErrorException e) when (e is DeviceNotFoundException || e.Error == Devices + "NotSettled")
        {
            return null;
        }
    }

    /// <summary>Waits until a device is settled, or removed. The device need not exist yet.</summary>
    /// <param name="device">A devpath, <c>/sys/…</c>, <c>/dev/…</c> or <c>subsystem:sysname</c>.</param>
    /// <param name="until">The state to wait for.</param>
    /// <param name="timeout">The longest wait; null for the daemon's own limit.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The device; null if it is removed.</returns>
    /// <exception cref="WaitTimeoutException">The timeout passed; the exception lists the missing conditions.</exception>
    public async Task<UeventDevice?> WaitAsync(
        string device, WaitUntil until = WaitUntil.Settled, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(device);
        var parameters = new WaitParameters(device, null, null, Text(until), Microseconds(timeout));
        return await WaitAsync(parameters, cancellationToken).ConfigureAwait(false) is [var found, ..] ? found : null;
    }

    /// <summary>Waits until a number of devices of a filter are settled, or until none of them is left.</summary>
    /// <param name="filter">Selects the devices.</param>
    /// <param name="count">The number of devices; unused with <see cref="WaitUntil.Removed"/>.</param>
    /// <param name="until">The state to wait for.</param>
    /// <param name="timeout">The longest wait; null for the daemon's own limit.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The devices; none if they are removed.</returns>
    /// <exception cref="WaitTimeoutException">The timeout passed; the exception lists the missing conditions.</exception>
    public Task<IReadOnlyList<UeventDevice>> WaitAsync(
        DeviceFilter filter, int count = 1, WaitUntil until = WaitUntil.Settled, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        int? wanted = until == WaitUntil.Removed ? null : count;
        return WaitAsync(new WaitParameters(null, filter, wanted, Text(until), Microseconds(timeout)), cancellationToken);
    }

    /// <summary>Waits until a device is settled and further conditions hold.</summary>
    /// <param name="device">A devpath, <c>/sys/…</c>, <c>/dev/…</c> or <c>subsystem:sysname</c>; it need not exist yet.</param>
    /// <param name="conditions">Items of the rule language, as <c>{attribute: operstate, equals: up}</c>; all must hold at one look. At most
    /// 16.</param>
    /// <param name="timeout">The longest wait; null for the daemon's own limit.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The device.</returns>
    /// <exception cref="WaitTimeoutException">The timeout passed; the exception lists the missing conditions.</exception>
    /// <exception cref="VarlinkErrorException">InvalidParameter with the error, or PermissionDenied: the caller may not read one of the
    /// attributes.</exception>
    public async Task<UeventDevice> WaitAsync(string device, IReadOnlyList<string> conditions, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(device);
        ArgumentNullException.ThrowIfNull(conditions);
        return (await WaitAsync(new WaitParameters(device, null, null, null, Microseconds(timeout), conditions), cancellationToken).ConfigureAwait(false))[0];
    }

    /// <summary>Waits until a number of devices of a filter are settled and further conditions hold for each of them.</summary>
    /// <param name="filter">Selects the devices.</param>
    /// <param name="conditions">Items of the rule language; all must hold at one look. At most 16.</param>
    /// <param name="count">The number of devices, at most 256.</param>
    /// <param name="timeout">The longest wait; null for the daemon's own limit.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The devices.</returns>
    /// <exception cref="WaitTimeoutException">The timeout passed; the exception lists the missing conditions.</exception>
    /// <exception cref="VarlinkErrorException">InvalidParameter with the error, or PermissionDenied: the caller may not read one of the
    /// attributes.</exception>
    public Task<IReadOnlyList<UeventDevice>> WaitAsync(
        DeviceFilter filter, IReadOnlyList<string> conditions, int count = 1, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentNullException.ThrowIfNull(conditions);
        return WaitAsync(new WaitParameters(null, filter, count, null, Microseconds(timeout), conditions), cancellationToken);
    }

    /// <summary>Gets the daemon's status.</summary>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The status.</returns>
    public Task<DaemonStatus> StatusAsync(CancellationToken cancellationToken = default) =>
        AskAsync(Devices + "Status", default, WireJson.Default.DaemonStatus, cancellationToken);

    /// <summary>Gets the daemon's description of itself.</summary>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The description.</returns>
    public Task<ServiceInfo> GetInfoAsync(CancellationToken cancellationToken = default) =>
        AskAsync("org.varlink.service.GetInfo", default, WireJson.Default.ServiceInfo, cancellationToken);

    private static string? Text(WaitUntil until) => until == WaitUntil.Removed ? "removed" : null;

    private static long? Microseconds(TimeSpan? time) => time is { } given ? (long)given.TotalMicroseconds : null;

    private static async Task<DeviceList> ListAsync(VarlinkClientConnection connection, byte[] json, CancellationToken cancellationToken)
    {
        var devices = new List<UeventDevice>();
        string? cursor = null;
        await foreach (VarlinkReply reply in connection.CallMoreAsync(Devices + "List", json, cancellationToken).ConfigureAwait(false))
        {
            DeviceList part = Read(reply, WireJson.Default.DeviceList);
            devices.AddRange(part.Devices);
            cursor = part.Cursor ?? cursor;
        }
        return new DeviceList { Devices = devices, Cursor = cursor };
    }

    private async Task<IReadOnlyList<UeventDevice>> WaitAsync(WaitParameters parameters, CancellationToken cancellationToken)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(parameters, WireJson.Default.WaitParameters);
        try
        {
            return (await AskAsync(Devices + "Wait", json, WireJson.Default.WaitReply, cancellationToken).ConfigureAwait(false)).Devices;
        }
        catch (VarlinkErrorException e) when (e.Error == Devices + "Timeout")
        {
            throw new WaitTimeoutException(e);
        }
    }

    private Task<T> AskAsync<T>(string method, ReadOnlyMemory<byte> parameters, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        UseAsync(async connection => Read(await connection.CallAsync(method, parameters, cancellationToken).ConfigureAwait(false), type), cancellationToken);

    private async Task<T> UseAsync<T>(Func<VarlinkClientConnection, Task<T>> call, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _idle, null) is { } idle)
        {
            try
            {
                return await UseAsync(idle, call).ConfigureAwait(false);
            }
            catch (DaemonUnreachableException) when (CanReconnect)
            {
                // The daemon ended while the connection was idle; perhaps it runs again.
            }
        }
        return await UseAsync(new VarlinkClientConnection(await _connect(cancellationToken).ConfigureAwait(false)), call).ConfigureAwait(false);
    }

    private async Task<T> UseAsync<T>(VarlinkClientConnection connection, Func<VarlinkClientConnection, Task<T>> call)
    {
        try
        {
            return await call(connection).ConfigureAwait(false);
        }
        finally
        {
            if (!connection.IsFree || Interlocked.CompareExchange(ref _idle, connection, null) is not null)
                await connection.DisposeAsync().ConfigureAwait(false);
        }
    }
}
