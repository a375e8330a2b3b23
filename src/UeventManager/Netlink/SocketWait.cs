using Tmds.Linux;

namespace UeventManager.Netlink;

/// <summary>Waits for one descriptor, in threads without a poller.</summary>
internal static unsafe class SocketWait
{
    /// <summary>Waits until a descriptor is readable or has an error.</summary>
    /// <param name="descriptor">The descriptor.</param>
    /// <param name="milliseconds">The longest wait, in milliseconds; -1 for no limit.</param>
    /// <returns>True if it is readable or has an error.</returns>
    public static bool Readable(int descriptor, int milliseconds)
    {
        var item = new pollfd { fd = descriptor, events = LibC.POLLIN };
        return LibC.poll(&item, 1, milliseconds) > 0;
    }
}
