using System.Buffers;
using System.Text.Json;

namespace UeventManager.Varlink;

/// <summary>Writes replies in wire form, each with its NUL.</summary>
internal static class ReplyFrame
{
    /// <summary>Writes a reply.</summary>
    /// <param name="output">Receives the reply.</param>
    /// <param name="parameters">A JSON object without white space around it; empty or <c>{}</c> leaves the member out.</param>
    /// <param name="continues">True if more replies follow.</param>
    public static void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> parameters, bool continues)
    {
        ArgumentNullException.ThrowIfNull(output);
        bool bare = IsEmpty(parameters);
        output.Write(bare ? "{"u8 : "{\"parameters\":"u8);
        if (!bare)
            output.Write(parameters);
        if (continues)
            output.Write(bare ? "\"continues\":true"u8 : ",\"continues\":true"u8);
        output.Write("}\0"u8);
    }

    /// <summary>Writes an error.</summary>
    /// <param name="output">Receives the error.</param>
    /// <param name="error">The full name of the error.</param>
    /// <param name="parameters">A JSON object; empty or <c>{}</c> leaves the member out.</param>
    public static void WriteError(IBufferWriter<byte> output, string error, ReadOnlySpan<byte> parameters)
    {
        ArgumentNullException.ThrowIfNull(output);
        output.Write("{\"error\":\""u8);
        output.Write(JsonEncodedText.Encode(error).EncodedUtf8Bytes);
        output.Write("\""u8);
        if (!IsEmpty(parameters))
        {
            output.Write(",\"parameters\":"u8);
            output.Write(parameters);
        }
        output.Write("}\0"u8);
    }

    private static bool IsEmpty(ReadOnlySpan<byte> parameters) => parameters.IsEmpty || parameters.SequenceEqual("{}"u8);
}
