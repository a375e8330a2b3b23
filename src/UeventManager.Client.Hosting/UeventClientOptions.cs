namespace UeventManager.Client.Hosting;

/// <summary>Options for the connection to the daemon and for subscriptions.</summary>
public sealed class UeventClientOptions
{
    /// <summary>The daemon's socket file; null for the result of <see cref="Client.SocketPath.Find"/> at each connect.</summary>
    public string? SocketPath { get; set; }

    /// <summary>Opens a connection instead of a socket file, for a test with a daemon in memory; null to use <see cref="SocketPath"/>.</summary>
    public Func<CancellationToken, Task<Stream>>? Connect { get; set; }

    /// <summary>False if the application must fail when the daemon does not run at its start (default true: wait for the daemon).</summary>
    public bool WaitForDaemon { get; set; } = true;

    /// <summary>True to include waiting devices in the state (default false).</summary>
    public bool Unsettled { get; set; }

    /// <summary>The longest delay between two attempts to reconnect (default 5 s).</summary>
    public TimeSpan MaxDelay { get; set; } = TimeSpan.FromSeconds(5);
}
