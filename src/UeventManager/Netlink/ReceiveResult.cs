namespace UeventManager.Netlink;

/// <summary>The result of one <see cref="UeventSocket.Receive"/>.</summary>
/// <param name="Asked">The number of datagrams asked for.</param>
/// <param name="Received">The number of datagrams received; read them with <see cref="UeventSocket.this"/>.</param>
/// <param name="Overrun">The kernel dropped events since the last report (netlink_overrun() raises ENOBUFS once). Datagrams queued before then follow
/// in later receives; <see cref="SocketMemory.Drops"/> counts the lost ones.</param>
internal readonly record struct ReceiveResult(int Asked, int Received, bool Overrun)
{
    /// <summary>True if the queue was seen empty: everything sent before the call began has now been received.</summary>
    public bool SawEmpty => !Overrun && Received < Asked;
}
