namespace UeventManager.Netlink;

/// <summary>Why a datagram is rejected. Each reason has its own counter.</summary>
internal enum DatagramRejection : byte
{
    /// <summary>It is accepted.</summary>
    None,

    /// <summary>Its sender's port is not 0: any process with CAP_NET_ADMIN may multicast to group 1, but only the kernel sends from port 0.</summary>
    NotKernel,

    /// <summary>The kernel sent it to udevd's group, where it never sends.</summary>
    Kernel,

    /// <summary>It was not sent to group 1, the kernel's own (udevd's messages go to group 2, unicasts to none); or, on udevd's socket, not to group 2.</summary>
    WrongGroup,

    /// <summary>Root is mapped in this user namespace and the sender is not root.</summary>
    WrongUid,

    /// <summary>It has no sender's credentials.</summary>
    NoCredentials,

    /// <summary>It is longer than <see cref="UeventSocket.DatagramBytes"/>; the kernel's datagrams have at most 2 KiB and a path.</summary>
    Truncated,
}
