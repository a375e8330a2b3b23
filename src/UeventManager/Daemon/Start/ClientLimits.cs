using UeventManager.Daemon.Edge;
using UeventManager.Varlink;

namespace UeventManager.Daemon.Start;

/// <summary>What the daemon allows its clients.</summary>
internal static class ClientLimits
{
    /// <summary>The limits by the options, and by what the process may open.</summary>
    public static VarlinkLimits Of(DaemonOptions options)
    {
        var connections = DescriptorShares.Here.Connections;
        return new VarlinkLimits
        {
            StallUsec = options.SubscriberTimeoutUsec,
            MaxConnections = connections,
            ReservedConnections = Math.Min(VarlinkLimits.MostReserved, connections / 4),
        };
    }
}
