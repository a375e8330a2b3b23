using UeventManager.Client;

namespace UeventManager.Commands.Forwarding;

/// <summary>What a forwarder is told.</summary>
internal sealed record ForwardOptions
{
    /// <summary>What the listeners understand.</summary>
    public ForwardFormat Format { get; init; }

    /// <summary>The namespaces that were named.</summary>
    public required IReadOnlyList<ForwardPlace> Places { get; init; }

    /// <summary>A directory whose files are namespaces that come and go.</summary>
    public string? Watch { get; init; }

    /// <summary>Where udev's directory is made; unused but with libudev's format.</summary>
    public required string RunUdev { get; init; }

    /// <summary>Which devices; null for all.</summary>
    public DeviceFilter? Filter { get; init; }

    /// <summary>The same as they were written.</summary>
    public string FilterText { get; init; } = "";

    /// <summary>Tags that every device gets besides <c>settled</c>.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>True to tell of all devices at the start, for listeners that run already.</summary>
    public bool TellsInitial { get; init; }

    /// <summary>Where sysfs is.</summary>
    public required string Sysfs { get; init; }

    /// <summary>The daemon's socket; null for what is found.</summary>
    public string? SocketPath { get; init; }

    /// <summary>Writes one line for people.</summary>
    public required Action<string> Say { get; init; }
}
