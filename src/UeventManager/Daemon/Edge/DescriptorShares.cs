using UeventManager.Sysfs;

namespace UeventManager.Daemon.Edge;

/// <summary>
/// Divides up the process's descriptors, so that clients cannot use up those for looks: a look that cannot open its device's directory decides
/// nothing, and devices would wait until clients disconnect.
/// </summary>
/// <param name="Handles">The most open device directories.</param>
/// <param name="Connections">The most connections at one time.</param>
internal readonly record struct DescriptorShares(int Handles, int Connections)
{
    /// <summary>
    /// The descriptors kept free for looks if there are enough: 68 reads under way, a scan's 64 levels, and the rest for a look's own, the rule files
    /// and the hand-over.
    /// </summary>
    public const int Reserve = 256;

    /// <summary>The most connections, however many descriptors there are.</summary>
    public const int MostConnections = 4096;

    // The descriptors that the daemon opens after counting: its sockets, epoll, the eventfd and others.
    private const int Ours = 24;

    /// <summary>The shares of this process.</summary>
    public static DescriptorShares Here => field.Handles > 0 ? field : field = Of(FileCalls.DescriptorLimit(), FileCalls.OpenDescriptors() + Ours);

    /// <summary>Computes the shares.</summary>
    /// <param name="limit">RLIMIT_NOFILE.</param>
    /// <param name="used">The number of descriptors used for other purposes.</param>
    public static DescriptorShares Of(ulong limit, int used)
    {
        var free = (int)Math.Clamp((long)Math.Min(limit, int.MaxValue) - used, 4, int.MaxValue);
        var rest = free - Math.Min(Reserve, free / 4);
        var handles = Math.Clamp(rest / 2, 1, DirectoryCache.MaxHandles);
        return new DescriptorShares(handles, Math.Clamp(rest - handles, 1, MostConnections));
    }

    /// <summary>Raises the limit as far as the process may.</summary>
    public static void Raise() => FileCalls.RaiseDescriptorLimit();
}
