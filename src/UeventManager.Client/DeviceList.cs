namespace UeventManager.Client;

/// <summary>What <c>List</c> answers.</summary>
public sealed record DeviceList
{
    /// <summary>The devices.</summary>
    public required IReadOnlyList<UeventDevice> Devices { get; init; }

    /// <summary>Where a subscription starts that sees every change since. Opaque.</summary>
    public string? Cursor { get; init; }
}
