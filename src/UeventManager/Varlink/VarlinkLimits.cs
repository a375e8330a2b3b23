namespace UeventManager.Varlink;

/// <summary>What the server allows itself and its clients.</summary>
internal sealed record VarlinkLimits
{
    /// <summary>Places that are kept for privileged clients where there are enough.</summary>
    public const int MostReserved = 64;

    /// <summary>Connections at one time. Beyond it a connection is accepted, told <see cref="RefusalError"/> and closed.</summary>
    public int MaxConnections { get; init; } = 4096;

    /// <summary>How many of <see cref="MaxConnections"/> are kept for privileged clients: all others together get none of them.</summary>
    public int ReservedConnections { get; init; } = MostReserved;

    /// <summary>Connections of one uid at one time. Beyond it as for <see cref="MaxConnections"/>.</summary>
    public int MaxConnectionsPerUid { get; init; } = 1024;

    /// <summary>
    /// Bytes of one request without its NUL, several times what the longest legal one takes. Beyond it InvalidParameter is sent and the
    /// connection is closed.
    /// </summary>
    public int MaxRequestBytes { get; init; } = 128 << 10;

    /// <summary>Bytes of requests read ahead while a call is unfinished. Beyond it the rest stays in the kernel's socket buffer.</summary>
    public int MaxReadAheadBytes { get; init; } = 64 << 10;

    /// <summary>
    /// Bytes of output kept for a client that does not read. Beyond it a reply with <c>continues</c> is refused to its sender. One frame
    /// that meets an empty buffer, and the last reply of a call, are always taken, if there is room in <see cref="MaxBytesPerUid"/>.
    /// </summary>
    public int MaxOutputBytes { get; init; } = 1 << 20;

    /// <summary>
    /// Bytes that all connections of one uid may hold together: requests that have begun, calls that wait, replies that are not taken; what
    /// fits a page of each is not counted. Beyond it the connection that holds most is told <see cref="OverBudgetError"/>, unless it is in
    /// the middle of a reply, and closed.
    /// </summary>
    public long MaxBytesPerUid { get; init; } = 32 << 20;

    /// <summary>The same of all uids together that are not privileged. Beyond it the uid that holds most loses a connection.</summary>
    public long MaxBytes { get; init; } = 64 << 20;

    /// <summary>How long a client may take nothing of what waits for it, in microseconds; then its connection is closed.</summary>
    public long StallUsec { get; init; } = 300_000_000;

    /// <summary>How long a request that has begun may get no further, in microseconds; then its connection is closed.</summary>
    public long HalfRequestUsec { get; init; } = 30_000_000;

    /// <summary>Depth of nested JSON in a request. Deeper, it counts as malformed: no parameter has a use for so much, and most say so at less.</summary>
    public int MaxJsonDepth { get; init; } = 1024;

    /// <summary>The error that a connection beyond a limit is told; it carries the member <c>limit</c>.</summary>
    public string RefusalError { get; init; } = "org.ueventmanager.Devices.TooManySubscribers";

    /// <summary>The error that a connection beyond a budget of bytes is told; it carries the member <c>limit</c>.</summary>
    public string OverBudgetError { get; init; } = "org.ueventmanager.Devices.TooManyBytes";
}
