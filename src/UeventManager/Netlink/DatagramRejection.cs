namespace UeventManager.Netlink;

/// <summary>Why a datagram is not believed. Each has its own counter.</summary>
internal enum DatagramRejection : byte
{
    /// <summary>It is believed.</summary>
    None,

    /// <summary>Its sender's port is not 0: anybody with CAP_NET_ADMIN may multicast to group 1, only the kernel from port 0.</summary>
    NotKernel,

    /// <summary>It came to udevd's group from the kernel, which never sends there.</summary>
    Kernel,

    /// <summary>It was not sent to group 1, the kernel's own (udevd's messages go to group 2, unicasts to none); or, on udevd's socket, not to group 2.</summary>
    WrongGroup,

    /// <summary>Root is mapped in this user namespace and the sender is not root.</summary>
    WrongUid,

    /// <summary>It came without the sender's credentials.</summary>
    NoCredentials,

    /// <summary>It is longer than <see cref="UeventSocket.DatagramBytes"/>; the kernel's have at most 2 KiB and a path.</summary>
    Truncated,
}
