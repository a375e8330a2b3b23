using UeventManager.Sysfs;
using UeventManager.Varlink;

namespace UeventManager.Daemon;

/// <summary>What the daemon allows its clients.</summary>
internal static class ClientLimits
{
    private const int DescriptorsKept = 16;

    /// <summary>The limits by the options, and by what the process may open.</summary>
    public static VarlinkLimits Of(DaemonOptions options)
    {
        // An eighth of the table, and sixteen at least, is for looks and for those who may see to it.
        var descriptors = (long)Math.Min(FileCalls.DescriptorLimit(), int.MaxValue);
        var forClients = descriptors - Math.Max(DescriptorsKept, descriptors / 8);
        return new VarlinkLimits { StallUsec = options.SubscriberTimeoutUsec, MaxDescriptor = (int)forClients };
    }
}
