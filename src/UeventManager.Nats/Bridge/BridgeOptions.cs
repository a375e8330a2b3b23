using UeventManager.Fleet;

namespace UeventManager.Nats.Bridge;

/// <summary>The options of a bridge.</summary>
internal sealed record BridgeOptions
{
    /// <summary>The broker.</summary>
    public required FleetOptions Broker { get; init; }

    /// <summary>The host's name.</summary>
    public required string Host { get; init; }

    /// <summary>Opens a connection to the host's daemon.</summary>
    public required Func<CancellationToken, Task<Stream>> Connect { get; init; }

    /// <summary>The interval of renewals of the lease.</summary>
    public TimeSpan Beat { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The host's own hostname.</summary>
    public string Hostname { get; init; } = Environment.MachineName;

    /// <summary>The bridge's id; random.</summary>
    public string Instance { get; init; } = Guid.NewGuid().ToString("N");

    /// <summary>The kernel's boot id of the host.</summary>
    public string Boot { get; init; } = ThisProcess.Boot;

    /// <summary>The bridge's process, so that other processes of the host can tell whether it still runs.</summary>
    public string Process { get; init; } = ThisProcess.Id;

    /// <summary>Prints a message to the user.</summary>
    public required Action<string> Say { get; init; }
}
