namespace UeventManager.Client;

/// <summary>A Varlink service's description of itself (<c>org.varlink.service.GetInfo</c>).</summary>
public sealed record ServiceInfo
{
    /// <summary>The vendor.</summary>
    public required string Vendor { get; init; }

    /// <summary>The product's name.</summary>
    public required string Product { get; init; }

    /// <summary>The product's version.</summary>
    public required string Version { get; init; }

    /// <summary>The address of its documentation.</summary>
    public required string Url { get; init; }

    /// <summary>The interfaces it implements.</summary>
    public required IReadOnlyList<string> Interfaces { get; init; }
}
