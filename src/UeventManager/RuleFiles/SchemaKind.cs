using System.Text.Json.Nodes;
using UeventManager.Core.Rules;

namespace UeventManager.RuleFiles;

/// <summary>
/// The form of a value, for people and as a JSON schema. Errors that a single value does not show (a glob that can never match, a duplicate name) are
/// left to the readers; the schema refuses nothing that the readers accept, except a <c>null</c> without quotes, which an editor cannot distinguish
/// from no value.
/// </summary>
/// <param name="Takes">The form for people, as <c>list of globs</c>.</param>
/// <param name="Shape">Creates the schema.</param>
internal sealed record SchemaKind(string Takes, Func<JsonObject> Shape)
{
    // No component is empty, '.' or '..'; an empty path has one empty component.
    private const string Relative = @"^(?!(.*/)?\.{0,2}(/|$))";

    private const string NoControl = @"[^\u0000-\u001f\u007f-\u009f";

    public static SchemaKind Text { get; } = new("text", static () => Scalar());

    public static SchemaKind Name { get; } = new("name", static () => Scalar($@"^(?=.*\S){NoControl}]+$", "must not be empty and must not contain control characters"));

    public static SchemaKind Property { get; } = new("name of a property", static () => Scalar($@"^(?=.*\S){NoControl}=]+$", "must be the name of a property, without '='"));

    public static SchemaKind Subsystem { get; } = new("name, or \"*\"", static () => Scalar($@"^(\*|(?=.*\S){NoControl}{Escaped(RuleSchema.NoSubsystem)}]+)$", "must be a name, not a pattern; \"*\" means every subsystem"));

    public static SchemaKind Path { get; } = new("path", static () => Scalar($"{Relative}{NoControl}{Escaped(PathValues.NotInPath)}]+$", "must be a path relative to the device's directory, without '..', '*' and '?'"));

    public static SchemaKind DeviceLink { get; } = new("path of a link, or parent", static () => Scalar($"{Relative}{NoControl}{Escaped(PathValues.NotInDeviceLink)}]+$", "must be the path of a link, relative to the device's directory, or parent"));

    public static SchemaKind PathGlob { get; } = new("glob of paths", static () => Long(Scalar($"{Relative}{NoControl}]+$", "must be a pattern for paths relative to the device's directory")));

    public static SchemaKind NameGlob { get; } = new("glob", static () => Long(Scalar("^[^/]+$", "must be a pattern for one name, without '/'")));

    public static SchemaKind DevPathGlob { get; } = new("glob of devpaths", static () => Long(Pattern("string", "^!?[/*]", "must match a devpath, which begins with '/devices/'")));

    public static SchemaKind TextGlob { get; } = new("glob", static () => Long(Scalar(@"[\s\S]", "must not be empty")));

    public static SchemaKind ValueGlob { get; } = new("glob", static () => Long(Scalar()));

    public static SchemaKind Duration { get; } = new("duration", static () => Pattern("string", Core.Rules.Duration.Pattern, "must be a number and a unit, such as 500ms, 5s or 2min"));

    public static SchemaKind Number { get; } = new("number", static () => Whole(null));

    public static SchemaKind True { get; } = new("true", static () => new JsonObject { ["const"] = true });

    /// <summary>A condition inside another one.</summary>
    public static SchemaKind Condition { get; } = new("condition", static () => Reference("condition"));

    /// <summary>A list of conditions inside another one.</summary>
    public static SchemaKind Conditions { get; } = new("list of conditions", static () => Array(Condition, 1, RuleSchema.MaxItems));

    // No value after the key means no condition, too.
    public static SchemaKind Wait { get; } = new("list of conditions", static () =>
    {
        var list = Array(new("", static () => Reference("item")), 0, RuleSchema.MaxConditions);
        list["type"] = new JsonArray("array", "null");
        return list;
    });

    public static SchemaKind Rules { get; } = new("list of rules", static () => Array(new("", static () => Reference("rule")), 0, RuleSchema.MaxRules));

    public static SchemaKind Only(int number) => new($"{number}", () => new JsonObject { ["const"] = number });

    public static SchemaKind Word(IEnumerable<string> words) =>
        new($"{string.Join(", ", words.SkipLast(1))} or {words.Last()}", () => new JsonObject { ["enum"] = new JsonArray([.. words.Select(static word => JsonValue.Create(word))]) });

    /// <summary>A list with at least one item and without duplicates. Texts are compared as written, so 16 and 0x10 differ.</summary>
    public static SchemaKind ListOf(string takes, SchemaKind item) => new(takes, () =>
    {
        var list = Array(item, 1, RuleSchema.MaxItems);
        if (item != Text)
            list["uniqueItems"] = true;
        return list;
    });

    public static SchemaKind OneOrMore(SchemaKind item) => Either($"{item.Takes}, or a list of them", item, ListOf("", item));

    public static SchemaKind Either(string takes, SchemaKind one, SchemaKind other) =>
        new(takes, () => new JsonObject { ["anyOf"] = new JsonArray(one.Shape(), other.Shape()) });

    /// <summary>A mapping of names to globs.</summary>
    public static SchemaKind GlobsOf(SchemaKind name) => new($"mapping of {name.Takes} to glob", () => new JsonObject
    {
        ["type"] = "object",
        ["propertyNames"] = new JsonObject { ["pattern"] = name.Shape()["pattern"]!.DeepClone() },
        ["additionalProperties"] = ValueGlob.Shape(),
        ["minProperties"] = 1,
        ["maxProperties"] = RuleSchema.MaxItems,
    });

    /// <summary>A mapping with some keys, of which at least one is required.</summary>
    public static SchemaKind Mapping(Func<IReadOnlyList<SchemaKey>> keys) => new("mapping", () =>
    {
        var shape = RuleSchemaDocument.Mapping(keys());
        shape["minProperties"] = 1;
        return shape;
    });

    /// <summary>A number, or the attribute that contains it.</summary>
    public static SchemaKind Count(int least) => Either("number, or {attribute: path}", new("number", () => Whole(least)), new("", static () => RuleSchemaDocument.Mapping(RuleSchema.CountKeys)));

    /// <summary>A property of udev's: its name and one test.</summary>
    public static SchemaKind Udev { get; } = Either("true, or a property and a test", True, new("", static () =>
    {
        var shape = RuleSchemaDocument.Mapping(RuleSchema.UdevKeys);
        shape["oneOf"] = RuleSchemaDocument.EachAlone(RuleSchema.ValueTests);
        return shape;
    }));

    // Accepts a scalar as written, whatever type YAML gives it; a pattern is only applied to a YAML text.
    private static JsonObject Scalar() => new() { ["type"] = new JsonArray("string", "number", "boolean") };

    private static JsonObject Scalar(string pattern, string message) => Pattern(new JsonArray("string", "number", "boolean"), pattern, message);

    // Editors show this message instead of the expression or the type; validators ignore it.
    private static JsonObject Pattern(JsonNode type, string pattern, string message) => new() { ["type"] = type, ["pattern"] = pattern, ["patternErrorMessage"] = message, ["errorMessage"] = message };

    private static JsonObject Long(JsonObject scalar)
    {
        scalar["maxLength"] = Glob.MaxLength;
        return scalar;
    }

    private static JsonObject Whole(int? least)
    {
        var number = new JsonObject { ["type"] = "integer" };
        if (least is not null)
            number["minimum"] = least;
        return new JsonObject { ["anyOf"] = new JsonArray(number, Pattern("string", ValueTest.NumberPattern, "must be a whole number")) };
    }

    private static JsonObject Array(SchemaKind item, int least, int most)
    {
        var shape = new JsonObject { ["type"] = "array", ["items"] = item.Shape(), ["maxItems"] = most };
        if (least > 0)
            shape["minItems"] = least;
        return shape;
    }

    private static JsonObject Reference(string definition) => new() { ["$ref"] = $"#/definitions/{definition}" };

    // Inside the brackets of a regular expression, where only this character has a meaning.
    private static string Escaped(string characters) => characters.Replace("[", @"\[", StringComparison.Ordinal);
}
