using UeventManager.Client;

namespace UeventManager.Commands.Verbs;

/// <summary>The reasons why devices wait although no condition is missing: an ancestor, a group, a name that another device still has.</summary>
internal static class WaitReasons
{
    // Each device needs a call of its own.
    private const int Most = 1_000;

    /// <summary>Gets the reasons.</summary>
    /// <param name="client">The daemon.</param>
    /// <param name="devices">The devices; settled ones, and those with missing conditions, are skipped.</param>
    /// <param name="cancel">Cancels the calls.</param>
    /// <returns>The reasons by devpath.</returns>
    public static async Task<Dictionary<string, IReadOnlyList<string>>> OfAsync(UeventClient client, IEnumerable<UeventDevice> devices, CancellationToken cancel)
    {
        var found = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (UeventDevice device in devices.Where(static one => one is { Settled: false, Missing.Count: 0 }).Take(Most))
        {
            try
            {
                found[device.DevPath] = (await client.ExplainAsync(device.DevPath, cancel).ConfigureAwait(false)).WaitsFor;
            }
            catch (DeviceNotFoundException)
            {
                // The device was removed meanwhile.
            }
        }
        return found;
    }
}
