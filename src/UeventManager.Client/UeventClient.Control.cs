using System.Text.Json;

namespace UeventManager.Client;

// Calls for administrators.
public sealed partial class UeventClient
{
    private const string Control = "org.ueventmanager.Control.";

    /// <summary>
    /// Waits until every event that the kernel had sent before the call is delivered, annihilated, dropped or past its deadline. Later events do not
    /// count.
    /// </summary>
    /// <param name="filter">Selects the devices whose events count; null for all.</param>
    /// <param name="timeout">The longest wait; null for the daemon's own limit.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>Completes when all these events are finished.</returns>
    /// <exception cref="WaitTimeoutException">The timeout passed; the exception lists the missing conditions.</exception>
    public async Task SettleAsync(DeviceFilter? filter = null, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(new SettleParameters(filter, Microseconds(timeout)), WireJson.Default.SettleParameters);
        try
        {
            await AskAsync(Devices + "Settle", json, WireJson.Default.NoReply, cancellationToken).ConfigureAwait(false);
        }
        catch (VarlinkErrorException e) when (e.Error == Devices + "Timeout")
        {
            throw new WaitTimeoutException(e);
        }
    }

    /// <summary>Explains why a device was announced, or was not; also for a removed device, as long as the daemon remembers it.</summary>
    /// <param name="device">A devpath, <c>/sys/…</c>, <c>/dev/…</c> or <c>subsystem:sysname</c>.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The explanation.</returns>
    /// <exception cref="DeviceNotFoundException">The daemon has never seen the device, or has forgotten it.</exception>
    public Task<DeviceExplanation> ExplainAsync(string device, CancellationToken cancellationToken = default) =>
        AskAsync(Devices + "Explain", Named(device), WireJson.Default.DeviceExplanation, cancellationToken);

    /// <summary>Announces a waiting or held device by hand, as it is. Allowed for root and the daemon's user.</summary>
    /// <param name="device">A devpath, <c>/sys/…</c>, <c>/dev/…</c> or <c>subsystem:sysname</c>.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>True if the device was released; false if it waits for nothing and stays as it is.</returns>
    /// <exception cref="DeviceNotFoundException">The daemon does not know the device.</exception>
    /// <exception cref="VarlinkErrorException">PermissionDenied.</exception>
    public async Task<bool> ReleaseAsync(string device, CancellationToken cancellationToken = default) =>
        (await AskAsync(Control + "Release", Named(device), WireJson.Default.ReleaseReply, cancellationToken).ConfigureAwait(false)).Released != false;

    /// <summary>
    /// Makes the daemon read its rules again; waiting devices are looked at under the new rules. Allowed for root and the daemon's user.
    /// </summary>
    /// <param name="cancellationToken">Cancels the call; the new rules may be in force nevertheless.</param>
    /// <returns>The number of rules in force.</returns>
    /// <exception cref="RulesInvalidException">The rule files have errors; the previous rules stay in force.</exception>
    /// <exception cref="VarlinkErrorException">PermissionDenied.</exception>
    public async Task<long> ReloadAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return (await AskAsync(Control + "Reload", default, WireJson.Default.ReloadReply, cancellationToken).ConfigureAwait(false)).Rules;
        }
        catch (VarlinkErrorException e) when (e.Error == Control + "RulesInvalid")
        {
            throw new RulesInvalidException(e);
        }
    }

    /// <summary>Gets the daemon's metrics.</summary>
    /// <param name="format">The format of the text.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The text, including its last newline.</returns>
    public async Task<string> MetricsAsync(MetricsFormat format = MetricsFormat.Prometheus, CancellationToken cancellationToken = default)
    {
        // The default format is not sent, so that daemons with only one format answer too.
        byte[]? parameters = format == MetricsFormat.OpenMetrics
            ? JsonSerializer.SerializeToUtf8Bytes(new MetricsParameters("openmetrics"), WireJson.Default.MetricsParameters)
            : null;
        return (await AskAsync(Devices + "Metrics", parameters, WireJson.Default.MetricsReply, cancellationToken).ConfigureAwait(false)).Text;
    }

    private static byte[] Named(string device)
    {
        ArgumentException.ThrowIfNullOrEmpty(device);
        return JsonSerializer.SerializeToUtf8Bytes(new GetParameters(device), WireJson.Default.GetParameters);
    }
}
