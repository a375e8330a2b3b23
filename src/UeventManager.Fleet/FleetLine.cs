using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using UeventManager.Client;

namespace UeventManager.Fleet;

/// <summary>One line of a message: an event as the host's daemon sends it, with <c>host</c> as the first member.</summary>
internal static class FleetLine
{

    /// <summary>Inserts the host before the members of an object.</summary>
    public static byte[] WithHost(string host, ReadOnlySpan<byte> json)
    {
        byte[] name = Encoding.UTF8.GetBytes(JsonEncodedText.Encode(host, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString());
        byte[] line = new byte[json.Length + name.Length + 10];
        "{\"host\":\""u8.CopyTo(line);
        name.CopyTo(line, 9);
        line[9 + name.Length] = (byte)'"';
        line[10 + name.Length] = (byte)',';
        json[1..].CopyTo(line.AsSpan(11 + name.Length));
        return line;
    }

    /// <summary>Parses a line.</summary>
    /// <param name="line">The line without its newline.</param>
    /// <returns>The event; null if the line is not an event.</returns>
    public static UeventEvent? TryParse(ReadOnlySpan<byte> line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, WireJson.Default.UeventEvent) is { Cursor: not null, Action: not null } one && FleetJson.IsWhole(one.Device) ? one : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The device of an event as the daemon lists it: without the property ACTION, which belongs to the event.</summary>
    /// <param name="line">The line without its newline.</param>
    /// <returns>The device in UTF-8; empty if the line is not an event.</returns>
    public static byte[] DeviceOf(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line);
        try
        {
            while (reader.Read())
            {
                if (reader.CurrentDepth != 1 || reader.TokenType != JsonTokenType.PropertyName)
                    continue;
                bool isDevice = reader.ValueTextEquals("device"u8);
                reader.Read();
                int start = (int)reader.TokenStartIndex;
                if (!isDevice || reader.TokenType != JsonTokenType.StartObject)
                {
                    reader.Skip();
                    continue;
                }
                return WithoutAction(ref reader, line, start);
            }
        }
        catch (JsonException)
        {
            // The line is not an event.
        }
        return [];
    }

    /// <summary>The device as an event contains it, for an event that no daemon sent: the daemon puts ACTION before the other properties.</summary>
    public static UeventDevice WithAction(UeventDevice device, string action)
    {
        var properties = new Dictionary<string, string>(device.Properties.Count + 1, StringComparer.Ordinal) { ["ACTION"] = action };
        foreach ((string key, string value) in device.Properties)
            properties.TryAdd(key, value);
        return device with { Properties = properties };
    }

    /// <summary>The device without the property ACTION.</summary>
    public static UeventDevice WithoutAction(UeventDevice device)
    {
        if (!device.Properties.ContainsKey("ACTION"))
            return device;
        var properties = new Dictionary<string, string>(device.Properties.Count, StringComparer.Ordinal);
        foreach ((string key, string value) in device.Properties)
        {
            if (key != "ACTION")
                properties.Add(key, value);
        }
        return device with { Properties = properties };
    }

    private static byte[] WithoutAction(ref Utf8JsonReader reader, ReadOnlySpan<byte> line, int start)
    {
        int from = -1, to = -1;
        while (reader.Read() && reader.CurrentDepth > 1)
        {
            if (reader.CurrentDepth != 2 || reader.TokenType != JsonTokenType.PropertyName || !reader.ValueTextEquals("properties"u8))
                continue;
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                int key = (int)reader.TokenStartIndex;
                bool isAction = reader.ValueTextEquals("ACTION"u8);
                reader.Read();
                if (isAction)
                    (from, to) = (key, (int)reader.BytesConsumed);
            }
        }
        int end = (int)reader.BytesConsumed;
        if (from < 0)
            return line[start..end].ToArray();
        // Together with the comma after it, or, for the last property, before it.
        if (line[to] == ',')
            to++;
        else if (line[from - 1] == ',')
            from--;
        return [.. line[start..from], .. line[to..end]];
    }

    /// <summary>The devpath of a device, given as JSON in UTF-8; empty if there is none.</summary>
    public static string DevpathOf(ReadOnlySpan<byte> device)
    {
        var reader = new Utf8JsonReader(device);
        try
        {
            while (reader.Read())
            {
                if (reader.CurrentDepth == 1 && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("devpath"u8))
                    return reader.Read() && reader.TokenType == JsonTokenType.String ? reader.GetString()! : "";
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The text is not JSON, or not UTF-8.
        }
        return "";
    }

    /// <summary>The lines of a message.</summary>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> payload)
    {
        var lines = new List<ReadOnlyMemory<byte>>(1);
        while (payload.Length > 0)
        {
            int end = payload.Span.IndexOf((byte)'\n');
            ReadOnlyMemory<byte> line = end < 0 ? payload : payload[..end];
            if (line.Length > 0)
                lines.Add(line);
            payload = end < 0 ? default : payload[(end + 1)..];
        }
        return lines;
    }
}
