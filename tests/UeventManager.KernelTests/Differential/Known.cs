using System.Text.Json;
using System.Text.Json.Nodes;

namespace UeventManager.KernelTests.Differential;

/// <summary>A device as a subscriber knows it: what was last said of it, under the path that it has now.</summary>
internal sealed class Known
{
    private readonly JsonObject _json;

    private Known(JsonObject json) => _json = json;

    public JsonObject Json => _json;

    public string DevPath => _json["devpath"]!.GetValue<string>();

    public bool Settled => _json["settled"]!.GetValue<bool>();

    public string? Rule => _json["rule"]?.GetValue<string>();

    public int Missing => _json["missing"]?.AsArray().Count ?? 0;

    public int? Instance => Number("INSTANCE");

    public int? Sent => Number("SENT");

    public string? Attribute(string name) => _json["attributes"]?[name]?.GetValue<string>();

    /// <summary>Of a state, a list or an event; what belongs to the event alone is left out.</summary>
    public static Known From(JsonElement device)
    {
        var json = (JsonObject)JsonNode.Parse(device.GetRawText())!;
        (json["properties"] as JsonObject)?.Remove("ACTION");
        return new Known(json);
    }

    /// <summary>The same after an ancestor, or the device itself, has another path.</summary>
    public Known Moved(string old, string devpath)
    {
        var json = (JsonObject)_json.DeepClone();
        var path = devpath + DevPath[old.Length..];
        json["devpath"] = path;
        json["properties"]!["DEVPATH"] = path;
        if (json["parent"]?.GetValue<string>() is { } parent && (parent == old || World.IsBelow(parent, old)))
            json["parent"] = devpath + parent[old.Length..];
        return new Known(json);
    }

    public bool IsSameAs(Known other) => JsonNode.DeepEquals(_json, other._json);

    public override string ToString() => _json.ToJsonString();

    private int? Number(string property) => int.TryParse(_json["properties"]?[property]?.GetValue<string>(), out var number) ? number : null;
}
