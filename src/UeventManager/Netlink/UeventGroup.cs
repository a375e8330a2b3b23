namespace UeventManager.Netlink;

/// <summary>A multicast group of NETLINK_KOBJECT_UEVENT, and the sizes for its datagrams.</summary>
/// <param name="Mask">The group's bit.</param>
/// <param name="Batch">The most datagrams of one receive.</param>
/// <param name="DatagramBytes">The longest accepted datagram, in bytes.</param>
/// <param name="ReceiveBuffer">The requested receive buffer, in bytes.</param>
internal sealed record UeventGroup(uint Mask, int Batch, int DatagramBytes, int ReceiveBuffer)
{
    /// <summary>The kernel's uevents: at most 2 KiB of properties and a path. Room for some 100,000 of them.</summary>
    public static UeventGroup Kernel { get; } = new(1, UeventSocket.BatchSize, UeventSocket.DatagramBytes, UeventSocket.DefaultReceiveBuffer);

    /// <summary>udevd's broadcasts, whose length depends on its rules. Room for some 8,000.</summary>
    public static UeventGroup Udev { get; } = new(2, 16, 32 * 1024, 16 * 1024 * 1024);

    /// <summary>True if only the kernel sends to the group.</summary>
    public bool IsKernel => Mask == 1;
}
