using System.Text.Json;
using UeventManager.Client;
using UeventManager.Commands.Terminal;
using UeventManager.Tests.House;
using UeventManager.Varlink;

namespace UeventManager.Tests.Varlink;

/// <summary>The schema in the package agrees with the protocol.</summary>
public sealed class SchemaTests
{
    private static readonly JsonElement Schema =
        JsonDocument.Parse(File.ReadAllBytes(Path.Combine(SourceTree.Root, "packaging/schema/ueventctl-1.schema.json"))).RootElement;

    [Theory]
    [InlineData("Device", "device")]
    [InlineData("Event", "event")]
    [InlineData("Group", "group")]
    [InlineData("Gap", "gap")]
    public void A_type_of_the_protocol_is_the_same_in_the_schema(string type, string name)
    {
        VarlinkType declared = EmbeddedInterfaces.Read("org.ueventmanager.Devices").Types[type].Type;
        JsonElement shape = Schema.GetProperty("$defs").GetProperty(name);
        Assert.Equal(
            declared.Fields.Select(field => $"{field.Name}: {Text(field.Type)}"),
            shape.GetProperty("properties").EnumerateObject().Select(member => $"{member.Name}: {Text(member.Value)}"));
        Assert.Equal(
            declared.Fields.Where(field => field.Type.Kind != VarlinkKind.Maybe).Select(field => field.Name),
            shape.GetProperty("required").EnumerateArray().Select(one => one.GetString()!));
    }

    [Fact]
    public void What_monitor_writes_of_the_kernel_is_in_the_schema()
    {
        var uevent = new KernelUevent("add", "/devices/a", "net", 7, 1, [new("A", "1")]);
        using var line = JsonDocument.Parse(uevent.ToJson());
        JsonElement shape = Schema.GetProperty("$defs").GetProperty("kernel").GetProperty("properties");
        Assert.Equal(shape.EnumerateObject().Select(one => one.Name), line.RootElement.GetProperty("kernel").EnumerateObject().Select(one => one.Name));
        using var gap = JsonDocument.Parse(JsonLine.Gap(new UeventGap { Reason = "restarted", Lost = 1 }));
        Assert.Equal(["reason", "lost"], gap.RootElement.GetProperty("gap").EnumerateObject().Select(one => one.Name));
    }

    private static string Text(VarlinkType type) => type.Kind switch
    {
        VarlinkKind.Maybe => Text(type.Element!),
        VarlinkKind.Reference => $"#/$defs/{type.Name!.ToLowerInvariant()}",
        VarlinkKind.Array => $"array of {Text(type.Element!)}",
        VarlinkKind.Map => $"map of {Text(type.Element!)}",
        VarlinkKind.Int => "integer",
        VarlinkKind.Bool => "boolean",
        _ => "string",
    };

    private static string Text(JsonElement shape) => shape.TryGetProperty("$ref", out JsonElement reference) ? reference.GetString()!
        : shape.GetProperty("type").GetString() switch
        {
            "array" => $"array of {Text(shape.GetProperty("items"))}",
            "object" => $"map of {Text(shape.GetProperty("additionalProperties"))}",
            var type => type!,
        };
}
