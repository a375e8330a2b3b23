namespace UeventManager.Netlink;

/// <summary>What one <see cref="UeventSocket.Receive"/> found.</summary>
/// <param name="Asked">How many datagrams it had room for.</param>
/// <param name="Received">How many it brought; they are read with <see cref="UeventSocket.this"/>.</param>
/// <param name="Overrun">
/// The kernel dropped events since the last one said so (netlink_overrun() raises ENOBUFS once). Those that were queued
/// before follow in later receives; what is lost is <see cref="SocketMemory.Drops"/>.
/// </param>
internal readonly record struct ReceiveResult(int Asked, int Received, bool Overrun)
{
    /// <summary>True if the queue was seen empty: everything sent before the call began has now been received.</summary>
    public bool SawEmpty => !Overrun && Received < Asked;
}
