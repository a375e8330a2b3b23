namespace UeventManager.Varlink;

/// <summary>The limits of the server and its clients.</summary>
internal sealed record VarlinkLimits
{
    /// <summary>The number of connections reserved for privileged clients, if there are enough.</summary>
    public const int MostReserved = 64;

    /// <summary>The most connections at one time. Beyond it a connection is accepted, gets <see cref="RefusalError"/> and is closed.</summary>
    public int MaxConnections { get; init; } = 4096;

    /// <summary>The number of <see cref="MaxConnections"/> that are reserved for privileged clients.</summary>
    public int ReservedConnections { get; init; } = MostReserved;

    /// <summary>The most connections of one uid at one time. Beyond it as for <see cref="MaxConnections"/>.</summary>
    public int MaxConnectionsPerUid { get; init; } = 1024;

    /// <summary>
    /// The most bytes of one request without its NUL, several times the longest valid one. Beyond it InvalidParameter is sent and the connection is
    /// closed.
    /// </summary>
    public int MaxRequestBytes { get; init; } = 128 << 10;

    /// <summary>The most bytes of requests read ahead while a call is unfinished. Beyond it the rest stays in the kernel's socket buffer.</summary>
    public int MaxReadAheadBytes { get; init; } = 64 << 10;

    /// <summary>
    /// The most bytes of output kept for a client that does not read. Beyond it a reply with <c>continues</c> is refused to its sender. One frame to
    /// an empty buffer, and the last reply of a call, are always taken if <see cref="MaxBytesPerUid"/> allows it.
    /// </summary>
    public int MaxOutputBytes { get; init; } = 1 << 20;

    /// <summary>
    /// The most bytes that all connections of one uid may hold together: unfinished requests, waiting calls, unread replies; a page for each of these
    /// is not counted. Beyond it the connection that holds most gets <see cref="OverBudgetError"/>, unless it is in the middle of a reply, and is
    /// closed.
    /// </summary>
    public long MaxBytesPerUid { get; init; } = 32 << 20;

    /// <summary>The same for all unprivileged uids together. Beyond it the uid that holds most loses a connection.</summary>
    public long MaxBytes { get; init; } = 64 << 20;

    /// <summary>The time after which a client that reads nothing of its pending output is closed, in microseconds.</summary>
    public long StallUsec { get; init; } = 300_000_000;

    /// <summary>The time after which a client that does not complete a request is closed, in microseconds.</summary>
    public long HalfRequestUsec { get; init; } = 30_000_000;

    /// <summary>
    /// The deepest nesting of JSON in a request. Deeper requests count as malformed; no parameter needs so much, and most limit it to less.
    /// </summary>
    public int MaxJsonDepth { get; init; } = 1024;

    /// <summary>The error for a connection beyond a limit; it has the member <c>limit</c>.</summary>
    public string RefusalError { get; init; } = "org.ueventmanager.Devices.TooManySubscribers";

    /// <summary>The error for a connection beyond a budget of bytes; it has the member <c>limit</c>.</summary>
    public string OverBudgetError { get; init; } = "org.ueventmanager.Devices.TooManyBytes";
}
