using Tmds.Linux;

namespace UeventManager.Netlink;

/// <summary>Waits for one descriptor, for threads that have no poller.</summary>
internal static unsafe class SocketWait
{
    /// <summary>Waits until a descriptor can be read, or has an error to tell.</summary>
    /// <param name="descriptor">The descriptor.</param>
    /// <param name="milliseconds">How long at most; -1 for as long as it takes.</param>
    /// <returns>True if it can.</returns>
    public static bool Readable(int descriptor, int milliseconds)
    {
        var item = new pollfd { fd = descriptor, events = LibC.POLLIN };
        return LibC.poll(&item, 1, milliseconds) > 0;
    }
}
