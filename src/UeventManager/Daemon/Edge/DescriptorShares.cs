using UeventManager.Sysfs;

namespace UeventManager.Daemon.Edge;

/// <summary>
/// How the process's descriptors are divided up, so that clients cannot use up those that looks need: a look that cannot open
/// its device's directory decides nothing, and with nobody able to look the devices would wait for the clients to leave.
/// </summary>
/// <param name="Handles">Directories of devices that are kept open.</param>
/// <param name="Connections">Connections at one time.</param>
internal readonly record struct DescriptorShares(int Handles, int Connections)
{
    /// <summary>
    /// What is left for looks where there are enough: 68 reads under way, a scan's 64 levels, and the rest for one look's few, the rule files
    /// and the hand-over.
    /// </summary>
    public const int Reserve = 256;

    /// <summary>Most connections, however many descriptors there are.</summary>
    public const int MostConnections = 4096;

    // What the daemon opens after it has counted: its sockets, epoll, the eventfd and its like.
    private const int Ours = 24;

    /// <summary>How this process shares them out.</summary>
    public static DescriptorShares Here => field.Handles > 0 ? field : field = Of(FileCalls.DescriptorLimit(), FileCalls.OpenDescriptors() + Ours);

    /// <summary>Shares them out.</summary>
    /// <param name="limit">RLIMIT_NOFILE.</param>
    /// <param name="used">How many are in use by nobody of these.</param>
    public static DescriptorShares Of(ulong limit, int used)
    {
        var free = (int)Math.Clamp((long)Math.Min(limit, int.MaxValue) - used, 4, int.MaxValue);
        var rest = free - Math.Min(Reserve, free / 4);
        var handles = Math.Clamp(rest / 2, 1, DirectoryCache.MaxHandles);
        return new DescriptorShares(handles, Math.Clamp(rest - handles, 1, MostConnections));
    }

    /// <summary>Takes as many as the process may have.</summary>
    public static void Raise() => FileCalls.RaiseDescriptorLimit();
}
