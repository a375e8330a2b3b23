namespace UeventManager.Netlink;

/// <summary>The result of SO_MEMINFO for a socket (sk_get_meminfo()).</summary>
/// <param name="QueuedBytes">Memory of the queued datagrams, sk_rmem_alloc: each counts with its sk_buff's truesize, which is at least 512
/// bytes.</param>
/// <param name="LimitBytes">The most memory for queued datagrams, sk_rcvbuf.</param>
/// <param name="Drops">The exact number of datagrams lost to overruns since the socket was created.</param>
internal readonly record struct SocketMemory(uint QueuedBytes, uint LimitBytes, uint Drops)
{
    /// <summary>The least memory that one queued datagram takes.</summary>
    public const int LeastDatagramBytes = 512;

    /// <summary>The most datagrams that can be queued.</summary>
    public int MostQueued => (int)(QueuedBytes / LeastDatagramBytes);
}
