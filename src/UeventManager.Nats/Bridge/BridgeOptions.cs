using UeventManager.Fleet;

namespace UeventManager.Nats.Bridge;

/// <summary>What a bridge is told.</summary>
internal sealed record BridgeOptions
{
    /// <summary>The broker.</summary>
    public required FleetOptions Broker { get; init; }

    /// <summary>The host's name.</summary>
    public required string Host { get; init; }

    /// <summary>Opens a connection to the host's daemon.</summary>
    public required Func<CancellationToken, Task<Stream>> Connect { get; init; }

    /// <summary>How often the lease is renewed.</summary>
    public TimeSpan Beat { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The host's own name for itself.</summary>
    public string Hostname { get; init; } = Environment.MachineName;

    /// <summary>The bridge: random.</summary>
    public string Instance { get; init; } = Guid.NewGuid().ToString("N");

    /// <summary>The boot of the host.</summary>
    public string Boot { get; init; } = ThisProcess.Boot;

    /// <summary>By which others know whether it still runs.</summary>
    public string Process { get; init; } = ThisProcess.Id;

    /// <summary>Prints a message to the user.</summary>
    public required Action<string> Say { get; init; }
}
