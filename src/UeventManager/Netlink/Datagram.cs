namespace UeventManager.Netlink;

/// <summary>One received datagram. Its bytes are valid until the next <see cref="UeventSocket.Receive"/>.</summary>
internal readonly ref struct Datagram
{
    internal Datagram(ReadOnlySpan<byte> data, DatagramRejection rejection)
    {
        Data = data;
        Rejection = rejection;
    }

    /// <summary>The received bytes; also for a rejected datagram, for diagnosis (at most <see cref="UeventSocket.DatagramBytes"/> bytes).</summary>
    public ReadOnlySpan<byte> Data { get; }

    /// <summary>The reason of its rejection, or <see cref="DatagramRejection.None"/>.</summary>
    public DatagramRejection Rejection { get; }
}
