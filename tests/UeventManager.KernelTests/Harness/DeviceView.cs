using System.Text.Json;
using System.Text.Json.Nodes;

namespace UeventManager.KernelTests.Harness;

/// <summary>A <c>Device</c> of the protocol, read field by field from its JSON.</summary>
public readonly record struct DeviceView(JsonElement Json)
{
    public string DevPath => Json.GetProperty("devpath").GetString()!;

    public string Subsystem => Json.GetProperty("subsystem").GetString()!;

    public string SysName => Json.GetProperty("sysname").GetString()!;

    public bool Settled => Json.GetProperty("settled").GetBoolean();

    public string? Rule => Member("rule");

    public string? Parent => Member("parent");

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

    /// <summary>The device after something above it, or it itself, has moved: the kernel says nothing of those below.</summary>
    public DeviceView Moved(string old, string now)
    {
        var json = JsonNode.Parse(Json.GetRawText())!.AsObject();
        foreach (var (place, name) in new[] { (json, "devpath"), (json, "parent"), (json["properties"]!.AsObject(), "DEVPATH") })
        {
            if (place[name]?.GetValue<string>() is { } path && (path == old || path.StartsWith(old + "/", StringComparison.Ordinal)))
                place[name] = now + path[old.Length..];
        }

        return new DeviceView(JsonSerializer.SerializeToElement(json));
    }

    /// <summary>All that is said of it, but for what only an event has.</summary>
    public string Text => string.Join('\n', Json.EnumerateObject().SelectMany(member => member.Value.ValueKind == JsonValueKind.Object
        ? member.Value.EnumerateObject().Where(one => one.Name != "ACTION").Select(one => $"{member.Name}.{one.Name} {one.Value}")
        : [$"{member.Name} {member.Value}"]).Order(StringComparer.Ordinal));

    public override string ToString() => Json.ToString();

    private string? Member(string name) =>
        Json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private string? Member(string map, string name) =>
        Json.TryGetProperty(map, out var members) && members.ValueKind == JsonValueKind.Object
            && members.TryGetProperty(name, out var value) ? value.GetString() : null;
}
