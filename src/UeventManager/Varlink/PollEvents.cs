namespace UeventManager.Varlink;

/// <summary>The events that a poller watches and reports.</summary>
[Flags]
internal enum PollEvents
{
    /// <summary>No event; <see cref="HangUp"/> is reported nevertheless.</summary>
    None = 0,

    /// <summary>Bytes can be read, or the peer writes no more (EPOLLIN).</summary>
    Readable = 1,

    /// <summary>A send would succeed (EPOLLOUT).</summary>
    Writable = 2,

    /// <summary>Both directions are shut down, or the socket has an error (EPOLLHUP, EPOLLERR). Always reported.</summary>
    HangUp = 4,
}
