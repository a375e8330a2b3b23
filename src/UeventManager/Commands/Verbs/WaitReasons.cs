using UeventManager.Client;

namespace UeventManager.Commands.Verbs;

/// <summary>What keeps devices that lack none of their conditions: an ancestor, a group, a name that another device still has.</summary>
internal static class WaitReasons
{
    // Each is a call of its own.
    private const int Most = 1_000;

    /// <summary>Asks for the reasons.</summary>
    /// <param name="client">The daemon.</param>
    /// <param name="devices">The devices; those that are settled, or of which something is missing, are passed over.</param>
    /// <param name="cancel">Gives it up.</param>
    /// <returns>The reasons by devpath.</returns>
    public static async Task<Dictionary<string, IReadOnlyList<string>>> OfAsync(UeventClient client, IEnumerable<UeventDevice> devices, CancellationToken cancel)
    {
        var found = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (UeventDevice device in devices.Where(static one => one is { Settled: false, Missing.Count: 0 }).Take(Most))
        {
            try
            {
                found[device.DevPath] = (await client.ExplainAsync(device.DevPath, cancel).ConfigureAwait(false)).WaitsFor ?? [];
            }
            catch (DeviceNotFoundException)
            {
                // It went meanwhile.
            }
        }
        return found;
    }
}
