namespace UeventManager.Varlink;

/// <summary>What a poller is asked to watch, and what it reports.</summary>
[Flags]
internal enum PollEvents
{
    /// <summary>Nothing asked for; <see cref="HangUp"/> is reported all the same.</summary>
    None = 0,

    /// <summary>There is something to read, or the peer writes no more (EPOLLIN).</summary>
    Readable = 1,

    /// <summary>A send would take something (EPOLLOUT).</summary>
    Writable = 2,

    /// <summary>Both directions are shut, or the socket has an error (EPOLLHUP, EPOLLERR). Never asked for, always reported.</summary>
    HangUp = 4,
}
