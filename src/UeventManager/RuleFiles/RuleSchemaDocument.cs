using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace UeventManager.RuleFiles;

/// <summary>The rule language as a JSON schema, with which editors complete and check rule files. Draft 7, because editors support it best.</summary>
internal static class RuleSchemaDocument
{
    /// <summary>The document, line by line.</summary>
    public static string Text()
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            Root().WriteTo(writer);
        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    /// <summary>A mapping with these keys and no others.</summary>
    public static JsonObject Mapping(IReadOnlyList<SchemaKey> keys)
    {
        var shape = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject(keys.Select(static key => KeyValuePair.Create(key.Name, (JsonNode?)Described(key)))),
            ["additionalProperties"] = false,
        };
        if (keys.Any(static key => key.IsRequired))
            shape["required"] = new JsonArray([.. keys.Where(static key => key.IsRequired).Select(static key => JsonValue.Create(key.Name))]);
        return shape;
    }

    /// <summary>For each key, the requirement that it exists.</summary>
    public static JsonArray EachAlone(IReadOnlyList<SchemaKey> keys) =>
        new([.. keys.Select(static key => new JsonObject { ["required"] = new JsonArray(key.Name) })]);

    private static JsonObject Root()
    {
        var file = Mapping(RuleSchema.FileKeys);
        var root = new JsonObject
        {
            ["$schema"] = "http://json-schema.org/draft-07/schema#",
            ["$id"] = $"urn:ueventmanager:rules:{RuleSchema.Version}",
            ["title"] = $"A rule file of UeventManager, version {RuleSchema.Version}",
            ["description"] = "When a device is complete: man 5 uevent-manager.rules. Mistakes that a schema cannot express, such as a glob that never matches, are found by `ueventctl rules check`.",
        };
        MoveInto(root, file);
        root["definitions"] = new JsonObject
        {
            ["rule"] = Mapping(RuleSchema.RuleKeys),
            ["item"] = Conditions(RuleSchema.ItemKeys),
            ["condition"] = Conditions([]),
        };
        return root;
    }

    // One mapping for each kind, so that an editor offers only the keys of that kind.
    private static JsonObject Conditions(IReadOnlyList<SchemaKey> beside)
    {
        var kinds = new JsonArray();
        foreach (var condition in RuleSchema.Conditions)
        {
            var shape = Mapping([condition.Key with { IsRequired = true }, .. condition.With, .. beside]);
            if (condition.NeedsOne)
                shape["oneOf"] = EachAlone(condition.With);
            kinds.Add((JsonNode)shape);
        }
        return new JsonObject { ["anyOf"] = kinds };
    }

    private static JsonObject Described(SchemaKey key)
    {
        var shape = key.Kind.Shape();
        var described = new JsonObject { ["title"] = $"{key.Name}: {key.Kind.Takes}", ["description"] = key.Description };
        if (key.Default is not null)
            described["default"] = ValueOf(RuleNodeReader.Read(key.Default, new ProblemList(""))!);
        // In draft 7 everything next to a reference is ignored.
        if (shape.ContainsKey("$ref"))
            described["allOf"] = new JsonArray(shape);
        else
            MoveInto(described, shape);
        return described;
    }

    private static JsonNode? ValueOf(RuleNode node) => node switch
    {
        ListNode list => new JsonArray([.. list.Items.Select(ValueOf)]),
        TextNode text => JsonValue.Create(text.Text),
        _ => throw new InvalidOperationException($"a default that is {node.Kind}"),
    };

    private static void MoveInto(JsonObject target, JsonObject source)
    {
        foreach (var (name, value) in source.ToList())
        {
            source.Remove(name);
            target[name] = value;
        }
    }
}
