namespace UeventManager.Client.Hosting;

/// <summary>How an application reaches the daemon, and how its subscriptions go on.</summary>
public sealed class UeventClientOptions
{
    /// <summary>The daemon's socket file; null for what <see cref="Client.SocketPath.Find"/> finds whenever it connects.</summary>
    public string? SocketPath { get; set; }

    /// <summary>Opens one connection, in place of a socket file: for a test with a daemon in memory; null to use <see cref="SocketPath"/>.</summary>
    public Func<CancellationToken, Task<Stream>>? Connect { get; set; }

    /// <summary>False to let the application fail if the daemon does not run when the application starts (default: wait for it).</summary>
    public bool WaitForDaemon { get; set; } = true;

    /// <summary>True to hear also of devices that still wait (default false).</summary>
    public bool Unsettled { get; set; }

    /// <summary>The longest wait between two attempts to reconnect (default 5 s).</summary>
    public TimeSpan MaxDelay { get; set; } = TimeSpan.FromSeconds(5);
}
