namespace UeventManager.Netlink;

/// <summary>A multicast group of NETLINK_KOBJECT_UEVENT, and what its datagrams need.</summary>
/// <param name="Mask">Its bit.</param>
/// <param name="Batch">Most datagrams that one receive brings.</param>
/// <param name="DatagramBytes">Longest datagram that is taken.</param>
/// <param name="ReceiveBuffer">Receive buffer asked for, in bytes.</param>
internal sealed record UeventGroup(uint Mask, int Batch, int DatagramBytes, int ReceiveBuffer)
{
    /// <summary>The kernel's uevents: at most 2 KiB of properties and a path. Room for some 100,000 of them.</summary>
    public static UeventGroup Kernel { get; } = new(1, UeventSocket.BatchSize, UeventSocket.DatagramBytes, UeventSocket.DefaultReceiveBuffer);

    /// <summary>udevd's broadcasts: as long as its rules make them. Room for some 8,000.</summary>
    public static UeventGroup Udev { get; } = new(2, 16, 32 * 1024, 16 * 1024 * 1024);

    /// <summary>True if only the kernel sends there.</summary>
    public bool IsKernel => Mask == 1;
}
