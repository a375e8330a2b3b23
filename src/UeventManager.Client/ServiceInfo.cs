namespace UeventManager.Client;

/// <summary>What a Varlink service says of itself (<c>org.varlink.service.GetInfo</c>).</summary>
public sealed record ServiceInfo
{
    /// <summary>The vendor.</summary>
    public required string Vendor { get; init; }

    /// <summary>What it is.</summary>
    public required string Product { get; init; }

    /// <summary>Which version.</summary>
    public required string Version { get; init; }

    /// <summary>Where to read about it.</summary>
    public required string Url { get; init; }

    /// <summary>The interfaces it implements.</summary>
    public required IReadOnlyList<string> Interfaces { get; init; }
}
