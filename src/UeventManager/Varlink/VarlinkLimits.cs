namespace UeventManager.Varlink;

/// <summary>What the server allows itself and its clients.</summary>
public sealed record VarlinkLimits
{
    /// <summary>Connections at one time. Beyond it a connection is accepted, told <see cref="RefusalError"/> and closed.</summary>
    public int MaxConnections { get; init; } = 4096;

    /// <summary>Connections of one uid at one time. Beyond it as for <see cref="MaxConnections"/>.</summary>
    public int MaxConnectionsPerUid { get; init; } = 1024;

    /// <summary>Bytes of one request without its NUL. Beyond it InvalidParameter is sent and the connection is closed.</summary>
    public int MaxRequestBytes { get; init; } = 1 << 20;

    /// <summary>Bytes of requests read ahead while a call is unfinished. Beyond it the rest stays in the kernel's socket buffer.</summary>
    public int MaxReadAheadBytes { get; init; } = 64 << 10;

    /// <summary>
    /// Bytes of output kept for a client that does not read. Beyond it a reply with <c>continues</c> is refused to its sender. One frame
    /// that meets an empty buffer, and the last reply of a call, are always taken.
    /// </summary>
    public int MaxOutputBytes { get; init; } = 1 << 20;

    /// <summary>How long a client may take nothing of what waits for it, in microseconds; then its connection is closed.</summary>
    public long StallUsec { get; init; } = 300_000_000;

    /// <summary>Depth of nested JSON in a request. Deeper, it counts as malformed.</summary>
    public int MaxJsonDepth { get; init; } = 32;

    /// <summary>The error that a connection beyond a limit is told; it carries the member <c>limit</c>.</summary>
    public string RefusalError { get; init; } = "org.ueventmanager.Devices.TooManySubscribers";
}
