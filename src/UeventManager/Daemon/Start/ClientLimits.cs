using UeventManager.Daemon.Edge;
using UeventManager.Varlink;

namespace UeventManager.Daemon.Start;

/// <summary>The limits for clients.</summary>
internal static class ClientLimits
{
    /// <summary>The limits from the options, and from the number of descriptors.</summary>
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
