using System.Text.Json;

namespace UeventManager.Client;

// What an administrator asks for.
public sealed partial class UeventClient
{
    private const string Control = "org.ueventmanager.Control.";

    /// <summary>
    /// Waits until everything that the kernel had sent before the call is delivered, annihilated, dropped or past its deadline; not for
    /// what comes later.
    /// </summary>
    /// <param name="filter">Whose events; null for all.</param>
    /// <param name="timeout">How long at most; null for the daemon's own limit.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <returns>Done when it is so.</returns>
    /// <exception cref="WaitTimeoutException">It was not so in time; it says what is missing.</exception>
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

    /// <summary>Asks why a device has come, or has not: also one that is gone, as long as the daemon remembers.</summary>
    /// <param name="device">A devpath, <c>/sys/…</c>, <c>/dev/…</c> or <c>subsystem:sysname</c>.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <returns>The explanation.</returns>
    /// <exception cref="DeviceNotFoundException">The daemon never saw it.</exception>
    public Task<DeviceExplanation> ExplainAsync(string device, CancellationToken cancellationToken = default) =>
        AskAsync(Devices + "Explain", Named(device), WireJson.Default.DeviceExplanation, cancellationToken);

    /// <summary>Announces a device that waits or is held as it is, by hand. Root or the daemon's user.</summary>
    /// <param name="device">A devpath, <c>/sys/…</c>, <c>/dev/…</c> or <c>subsystem:sysname</c>.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <returns>True when it is done; false if it waits for nothing, and stays as it is.</returns>
    /// <exception cref="DeviceNotFoundException">The daemon knows no such device.</exception>
    /// <exception cref="VarlinkErrorException">PermissionDenied.</exception>
    public async Task<bool> ReleaseAsync(string device, CancellationToken cancellationToken = default) =>
        (await AskAsync(Control + "Release", Named(device), WireJson.Default.ReleaseReply, cancellationToken).ConfigureAwait(false)).Released != false;

    /// <summary>Has the daemon read its rules again; what waits is looked at under the new ones. Root or the daemon's user.</summary>
    /// <param name="cancellationToken">Gives the call up; the rules may be in force all the same.</param>
    /// <returns>How many rules are in force.</returns>
    /// <exception cref="RulesInvalidException">There are mistakes; the rules from before stay in force.</exception>
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
    /// <param name="format">The form of the text.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <returns>The text, to its last line's end.</returns>
    public async Task<string> MetricsAsync(MetricsFormat format = MetricsFormat.Prometheus, CancellationToken cancellationToken = default)
    {
        // The default is not said: so daemons that know one format answer, too.
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
