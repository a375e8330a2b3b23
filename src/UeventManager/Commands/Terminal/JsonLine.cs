using System.Text.Encodings.Web;
using System.Text.Json;
using UeventManager.Client;

namespace UeventManager.Commands.Terminal;

/// <summary>One line of <c>--json</c>.</summary>
internal static class JsonLine
{
    // The same encoding as the daemon's: a shell's input need not be safe for HTML.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>An object with these members.</summary>
    public static byte[] Object(Action<Utf8JsonWriter> members)
    {
        using var output = new MemoryStream();
        using (var json = new Utf8JsonWriter(output, Options))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }
        return output.ToArray();
    }

    /// <summary>An object with one member, a list of texts.</summary>
    public static byte[] Texts(string name, IEnumerable<string> texts) => Object(json => WriteTexts(json, name, texts));

    /// <summary>A gap among events: an object with the one member <c>gap</c>, which no event has.</summary>
    public static byte[] Gap(UeventGap gap) => Object(json =>
    {
        json.WriteStartObject("gap"u8);
        json.WriteString("reason"u8, gap.Reason);
        if (gap.Lost is { } lost)
            json.WriteNumber("lost"u8, lost);
        json.WriteEndObject();
    });

    /// <summary>Writes a member that is a list of texts.</summary>
    public static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }
}
