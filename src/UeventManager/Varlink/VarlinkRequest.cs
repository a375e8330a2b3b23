using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;

namespace UeventManager.Varlink;

/// <summary>A parsed message of a client.</summary>
/// <param name="Method">The full name of the method.</param>
/// <param name="Parameters">A JSON object, <c>{}</c> if the message had none or null.</param>
/// <param name="More">The client accepts several replies.</param>
/// <param name="Oneway">The client expects no reply.</param>
/// <param name="Upgrade">The client wants the connection for another protocol.</param>
internal sealed record VarlinkRequest(string Method, JsonElement Parameters, bool More, bool Oneway, bool Upgrade)
{
    private static readonly JsonElement NoParameters = JsonDocument.Parse("{}").RootElement;

    /// <summary>
    /// Parses a message. Duplicate member names are malformed on every level, because two readers could understand such a message differently. A
    /// member with a dot in its name is a vendor's extension, and is ignored if it is an object.
    /// </summary>
    /// <param name="frame">The message without its NUL.</param>
    /// <param name="maxDepth">The deepest nesting of JSON.</param>
    /// <returns>Null if the message is malformed: it cannot be answered, and its connection must be closed.</returns>
    public static VarlinkRequest? Parse(ReadOnlySpan<byte> frame, int maxDepth)
    {
        if (!IsText(frame, maxDepth))
            return null;
        var options = new JsonDocumentOptions { MaxDepth = maxDepth, AllowDuplicateProperties = false };
        byte[] copy = ArrayPool<byte>.Shared.Rent(frame.Length);
        frame.CopyTo(copy);
        try
        {
            using JsonDocument message = JsonDocument.Parse(copy.AsMemory(0, frame.Length), options);
            // The call may be answered much later, so only the parameters of the message are kept.
            return Read(message.RootElement) is { } request ? request with { Parameters = request.Parameters.Clone() } : null;
        }
        catch (JsonException)
        {
            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(copy);
        }
    }

    private static VarlinkRequest? Read(JsonElement message)
    {
        if (message.ValueKind != JsonValueKind.Object)
            return null;
        string? method = null;
        JsonElement parameters = NoParameters;
        bool more = false, oneway = false, upgrade = false;
        foreach (JsonProperty member in message.EnumerateObject())
        {
            bool known = member.Name switch
            {
                "method" => (method = member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString() : null) is not null,
                "parameters" => ReadParameters(member.Value, ref parameters),
                "more" => ReadFlag(member.Value, out more),
                "oneway" => ReadFlag(member.Value, out oneway),
                "upgrade" => ReadFlag(member.Value, out upgrade),
                _ => member.Name.Contains('.', StringComparison.Ordinal) && member.Value.ValueKind == JsonValueKind.Object,
            };
            if (!known)
                return null;
        }
        bool atMostOne = !(more && oneway) && !(more && upgrade) && !(oneway && upgrade);
        return method is not null && atMostOne ? new VarlinkRequest(method, parameters, more, oneway, upgrade) : null;
    }

    private static bool ReadParameters(JsonElement value, ref JsonElement parameters)
    {
        if (value.ValueKind == JsonValueKind.Object)
            parameters = value;
        return value.ValueKind is JsonValueKind.Object or JsonValueKind.Null;
    }

    private static bool ReadFlag(JsonElement value, out bool flag)
    {
        flag = value.ValueKind == JsonValueKind.True;
        return value.ValueKind is JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null;
    }

    // The JSON reader checks neither UTF-8 nor lone surrogates until the string is read, and then throws.
    private static bool IsText(ReadOnlySpan<byte> frame, int maxDepth)
    {
        if (!Utf8.IsValid(frame))
            return false;
        if (!frame.Contains((byte)'\\'))
            return true;
        try
        {
            var reader = new Utf8JsonReader(frame, new JsonReaderOptions { MaxDepth = maxDepth });
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
                    reader.GetString();
            }
            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }
}
