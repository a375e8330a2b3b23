using System.Text.Json;

namespace UeventManager.Client;

/// <summary>One reply. It uses the connection's memory: valid until the next reply is read.</summary>
/// <param name="Parameters">The members as a JSON object in UTF-8; <c>{}</c> if there are none.</param>
/// <param name="Continues">True if more replies follow.</param>
public readonly record struct VarlinkReply(ReadOnlyMemory<byte> Parameters, bool Continues)
{
    private static readonly byte[] None = "{}"u8.ToArray();

    /// <summary>Parses a message.</summary>
    /// <param name="frame">The message without its NUL.</param>
    /// <returns>The reply.</returns>
    /// <exception cref="VarlinkErrorException">The message is an error.</exception>
    /// <exception cref="VarlinkProtocolException">The message is not a reply.</exception>
    internal static VarlinkReply Parse(ReadOnlyMemory<byte> frame)
    {
        try
        {
            return Read(frame);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new VarlinkProtocolException("The service sent a message that is not a reply: " + e.Message, e);
        }
    }

    private static VarlinkReply Read(ReadOnlyMemory<byte> frame)
    {
        var reader = new Utf8JsonReader(frame.Span);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("it is not an object");
        ReadOnlyMemory<byte> parameters = None;
        bool continues = false;
        string? error = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            if (name == "parameters")
                parameters = ReadParameters(ref reader, frame);
            else if (name == "continues")
                continues = reader.TokenType != JsonTokenType.Null && reader.GetBoolean();
            else if (name == "error")
                error = reader.GetString();
            else if (name.Contains('.', StringComparison.Ordinal)) // A vendor's extension.
                reader.Skip();
            else
                throw new JsonException($"the member '{name}' is unknown");
        }
        while (reader.Read())
        {
            // Throws if anything follows the object.
        }
        if (error is null)
            return new VarlinkReply(parameters, continues);
        using JsonDocument document = JsonDocument.Parse(parameters);
        throw error.EndsWith(".NoSuchDevice", StringComparison.Ordinal)
            ? new DeviceNotFoundException(error, document.RootElement.Clone())
            : new VarlinkErrorException(error, document.RootElement.Clone());
    }

    private static ReadOnlyMemory<byte> ReadParameters(ref Utf8JsonReader reader, ReadOnlyMemory<byte> frame)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return None;
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("its parameters are not an object");
        int start = (int)reader.TokenStartIndex;
        reader.Skip();
        return frame[start..(int)reader.BytesConsumed];
    }
}
