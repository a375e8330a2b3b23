namespace UeventManager.Client;

/// <summary>The answer of <c>List</c>.</summary>
public sealed record DeviceList
{
    /// <summary>The devices.</summary>
    public required IReadOnlyList<UeventDevice> Devices { get; init; }

    /// <summary>The cursor from which a subscription gets every later change. Opaque.</summary>
    public string? Cursor { get; init; }
}
