using System.Globalization;
using System.Text;
using System.Text.Json;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Recording;

public sealed partial class TapeLines
{
    /// <summary>Reads a line back into its frames.</summary>
    /// <param name="line">The line, without its line feed.</param>
    /// <param name="frames">Receives the frames; none if the line is not an input of an engine.</param>
    /// <returns>The error, or null.</returns>
    public static string? TryRead(ReadOnlyMemory<byte> line, TapeWriter frames)
    {
        try
        {
            using var document = JsonDocument.Parse(line, new JsonDocumentOptions { MaxDepth = 8 });
            var json = document.RootElement;
            if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty("kind"u8, out var kind))
                return "it has no kind";
            if (kind.ValueEquals("uevent"u8))
                Read(json, TapeKind.Uevent, frames);
            else if (kind.ValueEquals("rules"u8))
                ReadRules(json, frames);
            else if (kind.ValueEquals("state"u8))
                ReadState(json, frames);
            else if (kind.ValueEquals("input"u8))
                Read(json, (TapeKind)(Array.IndexOf(Names, json.GetProperty("input"u8).GetString()) + 1), frames);
            return null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            return e is FormatException ? e.Message : "it is not an input of an engine";
        }
    }

    /// <summary>The reason that the last line gives for the end of the recording; null if there is none.</summary>
    public static string? WhyEnded(ReadOnlyMemory<byte> line)
    {
        using var document = JsonDocument.Parse(line);
        return document.RootElement.TryGetProperty("why"u8, out var why) && why.ValueKind == JsonValueKind.String ? why.GetString() : null;
    }

    private static void Read(JsonElement json, TapeKind kind, TapeWriter frames)
    {
        if (kind == 0)
            throw new FormatException("its input is unknown");
        if (json.TryGetProperty("before"u8, out var before))
            frames.Raw(before.GetBytesFromBase64());
        frames.Begin(kind);
        if (kind == TapeKind.Uevent)
            ReadUevent(json, frames);
        else
            frames.Raw(json.GetProperty("data"u8).GetBytesFromBase64());
        frames.End();
        if (!json.TryGetProperty("gave"u8, out var gave))
            return;
        frames.Begin(TapeKind.Gave);
        frames.Number(gave.GetArrayLength());
        foreach (var one in gave.EnumerateArray())
            ReadCommand((one.GetString() ?? "").Split(' '), frames);
        frames.End();
    }

    private static void ReadUevent(JsonElement json, TapeWriter frames)
    {
        var datagram = json.GetProperty("bytes"u8).GetBytesFromBase64();
        frames.Number(json.GetProperty("atUsec"u8).GetInt64());
        frames.Number((Is(json, "isDevice") ? 1 : 0) | (Is(json, "isBus") ? 2 : 0) | (Is(json, "isContested") ? 4 : 0));
        if (json.TryGetProperty("ofLink"u8, out var ofLink))
            frames.Bytes(ofLink.GetBytesFromBase64());
        else
            frames.Bytes(UeventParser.TryParse(datagram, out var uevent) == UeventRejection.None ? uevent.Subsystem : throw new FormatException("its bytes are not a uevent"));
        frames.Bytes(datagram);
    }

    private static void ReadRules(JsonElement json, TapeWriter frames)
    {
        var files = json.GetProperty("files"u8);
        frames.Begin(TapeKind.Rules);
        frames.Number(files.GetArrayLength());
        foreach (var file in files.EnumerateArray())
        {
            frames.Text(file.GetProperty("file"u8).GetString());
            frames.Text(file.GetProperty("text"u8).GetString());
        }
        frames.End();
    }

    private static void ReadState(JsonElement json, TapeWriter frames)
    {
        frames.Begin(TapeKind.State);
        frames.Number(json.GetProperty("atUsec"u8).GetInt64());
        frames.Flag(Is(json, "more"));
        frames.Bytes(json.GetProperty("data"u8).GetBytesFromBase64());
        frames.End();
    }

    private static bool Is(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    private static void ReadCommand(string[] words, TapeWriter frames)
    {
        var kind = words.Length == 4 ? Array.FindIndex(Commands, name => Encoding.UTF8.GetString(name) == words[0]) : -1;
        if (kind < 0 || !long.TryParse(words[1], CultureInfo.InvariantCulture, out var id) || !long.TryParse(words[2], CultureInfo.InvariantCulture, out var number)
            || !ulong.TryParse(words[3], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var digest))
            throw new FormatException("a command is malformed");
        frames.Number(kind);
        frames.Number(id);
        frames.Number(number);
        frames.Fixed(digest);
    }
}
