using System.Text.Json;

namespace UeventManager.KernelTests.Harness;

/// <summary>A <c>Device</c> of the protocol, read field by field from its JSON.</summary>
public readonly record struct DeviceView(JsonElement Json)
{
    public string Devpath => Json.GetProperty("devpath").GetString()!;

    public string Subsystem => Json.GetProperty("subsystem").GetString()!;

    public string Sysname => Json.GetProperty("sysname").GetString()!;

    public bool Settled => Json.GetProperty("settled").GetBoolean();

    public string? Rule => Text("rule");

    public bool IsKobject => Json.TryGetProperty("kobject", out var kobject) && kobject.ValueKind == JsonValueKind.True;

    public IReadOnlyList<string> Missing =>
        Json.TryGetProperty("missing", out var missing) && missing.ValueKind == JsonValueKind.Array
            ? [.. missing.EnumerateArray().Select(item => item.GetString()!)]
            : [];

    /// <summary>One of the uevent's properties, or null.</summary>
    public string? Property(string name) => Member("properties", name);

    /// <summary>An attached attribute as it was at the deciding look, or null.</summary>
    public string? Attribute(string name) => Member("attributes", name);

    /// <summary>An attached link as it was at the deciding look, or null.</summary>
    public string? Link(string name) => Member("links", name);

    public override string ToString() => Json.ToString();

    private string? Text(string name) =>
        Json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private string? Member(string map, string name) =>
        Json.TryGetProperty(map, out var members) && members.ValueKind == JsonValueKind.Object
            && members.TryGetProperty(name, out var value) ? value.GetString() : null;
}
