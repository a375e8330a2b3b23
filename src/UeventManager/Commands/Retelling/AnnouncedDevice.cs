using UeventManager.Client;

namespace UeventManager.Commands.Retelling;

/// <summary>Asks the daemon of one device.</summary>
internal static class AnnouncedDevice
{
    /// <summary>Whether the daemon has announced a device; false also if it cannot be asked.</summary>
    public static async Task<bool> IsAnnouncedAsync(this UeventClient client, string devpath, CancellationToken cancel)
    {
        try
        {
            await client.GetAsync(devpath, cancel).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is VarlinkErrorException or DaemonUnreachableException or IOException)
        {
            return false;
        }
    }
}
