using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace UeventManager.Client.Testing;

/// <summary>Encodes the messages of a service, with their NUL.</summary>
internal static class ServerFrame
{
    public static byte[] Reply<T>(T parameters, JsonTypeInfo<T> type, bool continues = false) => Write(json =>
    {
        json.WritePropertyName("parameters"u8);
        JsonSerializer.Serialize(json, parameters, type);
        if (continues)
            json.WriteBoolean("continues"u8, true);
    });

    public static byte[] Error(string name, string member, string value) => Write(json =>
    {
        json.WriteString("error"u8, name);
        json.WriteStartObject("parameters"u8);
        json.WriteString(member, value);
        json.WriteEndObject();
    });

    public static byte[] Error(string name) => Write(json => json.WriteString("error"u8, name));

    /// <summary>An error with <c>missing</c>, and with the device's path if there is one.</summary>
    public static byte[] Missing(string name, string? devpath, IReadOnlyList<string> missing) => Write(json =>
    {
        json.WriteString("error"u8, name);
        json.WriteStartObject("parameters"u8);
        if (devpath is not null)
            json.WriteString("devpath"u8, devpath);
        json.WriteStartArray("missing"u8);
        foreach (string text in missing)
            json.WriteStringValue(text);
        json.WriteEndArray();
        json.WriteEndObject();
    });

    /// <summary>An error with <c>errors</c>.</summary>
    public static byte[] Errors(string name, IReadOnlyList<string> errors) => Write(json =>
    {
        json.WriteString("error"u8, name);
        json.WriteStartObject("parameters"u8);
        json.WriteStartArray("errors"u8);
        foreach (string text in errors)
            json.WriteStringValue(text);
        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static byte[] Write(Action<Utf8JsonWriter> members)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }
        output.Write("\0"u8);
        return output.WrittenSpan.ToArray();
    }
}
