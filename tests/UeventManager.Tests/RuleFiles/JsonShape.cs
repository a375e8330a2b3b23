using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace UeventManager.Tests.RuleFiles;

/// <summary>As much of JSON schema (draft 7) as the schema of rules uses; any other word of it is an error, not passed over.</summary>
internal sealed class JsonShape(JsonObject root)
{
    /// <summary>Whether a value is as the schema says.</summary>
    public bool Accepts(JsonNode? value) => Holds(root, value);

    private bool Holds(JsonNode? schema, JsonNode? value) => schema switch
    {
        JsonObject words => words.All(word => Holds(word.Key, word.Value!, words, value)),
        JsonValue allowed => allowed.GetValue<bool>(),
        _ => throw new InvalidOperationException($"no schema: {schema}"),
    };

    private bool Holds(string word, JsonNode expected, JsonObject words, JsonNode? value)
    {
        var (text, number, list, mapping) = (Kind(value) == "string" ? value!.GetValue<string>() : null, Number(value), value as JsonArray, value as JsonObject);
        switch (word)
        {
            case "$schema" or "$id" or "title" or "description" or "default" or "definitions" or "patternErrorMessage" or "errorMessage": return true;
            case "$ref":
                Assert.Single(words);
                return Holds(root["definitions"]![expected.GetValue<string>()["#/definitions/".Length..]], value);
            case "type": return (expected as JsonArray ?? [expected.DeepClone()]).Any(type => Is(type!.GetValue<string>(), value));
            case "const": return JsonNode.DeepEquals(expected, value);
            case "enum": return expected.AsArray().Any(one => JsonNode.DeepEquals(one, value));
            case "pattern": return text is null || Regex.IsMatch(text, expected.GetValue<string>(), RegexOptions.CultureInvariant, TimeSpan.FromSeconds(60));
            case "maxLength": return text is null || text.Length <= expected.GetValue<int>();
            case "minimum": return number is null || number >= expected.GetValue<int>();
            case "anyOf": return expected.AsArray().Any(one => Holds(one, value));
            case "allOf": return expected.AsArray().All(one => Holds(one, value));
            case "oneOf": return expected.AsArray().Count(one => Holds(one, value)) == 1;
            case "items": return list is null || list.All(item => Holds(expected, item));
            case "minItems": return list is null || list.Count >= expected.GetValue<int>();
            case "maxItems": return list is null || list.Count <= expected.GetValue<int>();
            case "uniqueItems": return list is null || !list.Where((item, index) => list.Take(index).Any(other => JsonNode.DeepEquals(item, other))).Any();
            case "required": return mapping is null || expected.AsArray().All(key => mapping.ContainsKey(key!.GetValue<string>()));
            case "properties": return mapping is null || mapping.All(member => expected[member.Key] is not { } known || Holds(known, member.Value));
            case "additionalProperties": return mapping is null || mapping.All(member => words["properties"]?[member.Key] is not null || Holds(expected, member.Value));
            case "propertyNames": return mapping is null || mapping.All(member => Holds(expected, member.Key));
            case "minProperties": return mapping is null || mapping.Count >= expected.GetValue<int>();
            case "maxProperties": return mapping is null || mapping.Count <= expected.GetValue<int>();
            default: throw new InvalidOperationException($"no such word here: {word}");
        }
    }

    private static bool Is(string type, JsonNode? value) => Kind(value) == type || (type == "integer" && Number(value) is { } number && double.IsInteger(number));

    private static double? Number(JsonNode? value) =>
        Kind(value) == "number" ? double.Parse(value!.ToJsonString(), CultureInfo.InvariantCulture) : null;

    private static string Kind(JsonNode? value) => value?.GetValueKind() switch
    {
        null or JsonValueKind.Null => "null",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Number => "number",
        JsonValueKind.String => "string",
        JsonValueKind.Array => "array",
        _ => "object",
    };
}
